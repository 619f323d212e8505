//! A chart of all lines: how many times as good as bare rusqlite each engine is, with a step for each doubling.

use std::fmt::{self, Display, Write};

use measure::line::Line;

use super::kind::Kind;
use super::report::Report;

const BAR: f64 = 12.0;
const GAP: f64 = 14.0;
const TOP: f64 = 110.0;
/// The end of a bar for figures equal to bare rusqlite's.
const CENTRE: f64 = 540.0;
const WIDTH: f64 = 900.0;
/// The width of a doubling.
const DOUBLING: f64 = 50.0;
/// The number of doublings on each side. Longer bars are cut off.
const DOUBLINGS: i32 = 5;

/// The width of an engine's place in the legend.
const NAME: f64 = 172.0;
/// The number of engines per row of the legend.
const NAMES: usize = 5;

/// The colors of all engines in their order, which readers with color blindness can distinguish, too.
const COLORS: [&str; 11] = [
    "#d55e00", "#f0a35e", "#7a3800", "#e6c000", "#999999", "#0072b2", "#56b4e9", "#009e73",
    "#cc79a7", "#222222", "#882255",
];

pub(crate) fn of(report: &Report<'_>) -> String {
    let chart = Chart { report };
    let mut svg = String::new();
    // Writing to a string can't fail.
    let _ = chart.write(&mut svg);
    svg
}

struct Chart<'a> {
    report: &'a Report<'a>,
}

impl Chart<'_> {
    fn write(&self, svg: &mut String) -> fmt::Result {
        let mut bars = String::new();
        let mut y = TOP;
        for line in self.report.results.lines() {
            let height = self.write_line(&mut bars, line, y)?;
            if height > 0.0 {
                y += height + GAP;
            }
        }
        let height = y + 20.0;
        writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="11">"#
        )?;
        writeln!(svg, r#"<rect width="100%" height="100%" fill="white"/>"#)?;
        self.write_legend(svg)?;
        write_grid(svg, y)?;
        svg.push_str(&bars);
        writeln!(svg, "</svg>")
    }

    /// Returns the engines and their colors.
    fn kinds(&self) -> impl Iterator<Item = (Kind, &'static str)> {
        let measured = &self.report.setup.kinds;
        let is_measured = |kind: Kind| measured.iter().any(|one| one.name == kind.name);
        Kind::all().into_iter().zip(COLORS).filter(move |&(kind, _)| is_measured(kind))
    }

    /// Writes the bars of one line from `y` on. Returns their total height.
    fn write_line(&self, bars: &mut String, line: &Line, y: f64) -> Result<f64, fmt::Error> {
        let results = self.report.results;
        let mut height = 0.0;
        for (kind, colour) in self.kinds() {
            let advantage = results.advantage(line, kind);
            let Some((advantage, spread)) = advantage.zip(results.spread(line, kind)) else {
                continue;
            };
            let limit = f64::from(DOUBLINGS);
            let end = CENTRE + advantage.log2().clamp(-limit, limit) * DOUBLING;
            // Bare rusqlite is a thin line, so that it is visible.
            let (x, width) = (end.min(CENTRE), (end - CENTRE).abs().max(1.0));
            let top = y + height;
            writeln!(
                bars,
                r#"<rect x="{x:.1}" y="{top}" width="{width:.1}" height="{BAR}" fill="{colour}"><title>{}, {}: {spread} {}</title></rect>"#,
                kind.name,
                line.title,
                line.unit.symbol()
            )?;
            let (x, anchor) =
                if end < CENTRE { (end - 4.0, "end") } else { (x + width + 4.0, "start") };
            write_text(bars, x, top + BAR - 2.0, anchor, spread.median())?;
            height += BAR;
        }
        if height > 0.0 {
            let title = format_args!("{}, {}", line.title, line.unit.symbol());
            write_text(bars, 10.0, y + height / 2.0 + 4.0, "start", title)?;
        }
        Ok(height)
    }

    fn write_legend(&self, svg: &mut String) -> fmt::Result {
        write_text(
            svg,
            10.0,
            20.0,
            "start",
            "times as good as bare rusqlite: to the right is better",
        )?;
        let (mut x, mut y) = (10.0, 30.0);
        for (index, (kind, colour)) in self.kinds().enumerate() {
            if index > 0 && index % NAMES == 0 {
                (x, y) = (10.0, y + 16.0);
            }
            writeln!(
                svg,
                r#"<rect x="{x}" y="{y}" width="{BAR}" height="{BAR}" fill="{colour}"/>"#
            )?;
            write_text(svg, x + BAR + 4.0, y + BAR - 2.0, "start", kind.name)?;
            x += NAME;
        }
        Ok(())
    }
}

/// Writes a vertical line for each doubling, down to `bottom`.
fn write_grid(svg: &mut String, bottom: f64) -> fmt::Result {
    for doublings in -DOUBLINGS..=DOUBLINGS {
        let x = CENTRE + f64::from(doublings) * DOUBLING;
        let colour = if doublings == 0 { "#444444" } else { "#dddddd" };
        writeln!(
            svg,
            r#"<line x1="{x}" y1="{}" x2="{x}" y2="{bottom}" stroke="{colour}"/>"#,
            TOP - 8.0
        )?;
        let times = 1_u32 << doublings.unsigned_abs();
        let sign = if doublings < 0 { "1/" } else { "" };
        write_text(svg, x, TOP - 14.0, "middle", format_args!("{sign}{times}x"))?;
    }
    Ok(())
}

fn write_text(svg: &mut String, x: f64, y: f64, anchor: &str, text: impl Display) -> fmt::Result {
    writeln!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#)
}
