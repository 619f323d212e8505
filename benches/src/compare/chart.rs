//! A chart of all works: how many times as good as bare rusqlite each engine is, each doubling a step.

use std::fmt::{self, Display, Write};

use super::engine::Kind;
use super::options::Options;
use super::results::Results;
use super::work::Work;

const BAR: f64 = 12.0;
const GAP: f64 = 14.0;
const TOP: f64 = 60.0;
/// Where a bar of bare rusqlite's own length ends.
const CENTRE: f64 = 480.0;
const WIDTH: f64 = 860.0;
/// What twice as good takes.
const DOUBLING: f64 = 50.0;
/// More than so many doublings go beyond the chart.
const DOUBLINGS: i32 = 5;

/// Told apart also by those who see no red or no green.
const COLOURS: [&str; 6] = ["#d55e00", "#999999", "#0072b2", "#56b4e9", "#009e73", "#cc79a7"];

pub(crate) fn of(options: &Options, results: &Results) -> String {
    let chart = Chart { options, results };
    let mut svg = String::new();
    // Writing to a string can't fail.
    let _ = chart.write(&mut svg);
    svg
}

struct Chart<'a> {
    options: &'a Options,
    results: &'a Results,
}

impl Chart<'_> {
    fn write(&self, svg: &mut String) -> fmt::Result {
        let mut bars = String::new();
        let mut y = TOP;
        for &work in &self.options.works {
            let height = self.write_work(&mut bars, work, y)?;
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

    /// The bars of one work from `y` on; says how high they are together.
    fn write_work(&self, bars: &mut String, work: Work, y: f64) -> Result<f64, fmt::Error> {
        let mut height = 0.0;
        for (&kind, colour) in self.options.kinds.iter().zip(COLOURS) {
            let advantage = self.results.advantage(work, kind);
            let Some((advantage, spread)) = advantage.zip(self.results.spread(work, kind)) else {
                continue;
            };
            let limit = f64::from(DOUBLINGS);
            let end = CENTRE + advantage.log2().clamp(-limit, limit) * DOUBLING;
            // Bare rusqlite is a thin line, so that one sees it.
            let (x, width) = (end.min(CENTRE), (end - CENTRE).abs().max(1.0));
            let top = y + height;
            writeln!(
                bars,
                r#"<rect x="{x:.1}" y="{top}" width="{width:.1}" height="{BAR}" fill="{colour}"><title>{}, {}: {spread} {}</title></rect>"#,
                kind.name,
                work.title(),
                work.unit().symbol()
            )?;
            let (x, anchor) =
                if end < CENTRE { (end - 4.0, "end") } else { (x + width + 4.0, "start") };
            write_text(bars, x, top + BAR - 2.0, anchor, spread.median())?;
            height += BAR;
        }
        if height > 0.0 {
            let title = format_args!("{}, {}", work.title(), work.unit().symbol());
            write_text(bars, 10.0, y + height / 2.0 + 4.0, "start", title)?;
        }
        Ok(height)
    }

    fn write_legend(&self, svg: &mut String) -> fmt::Result {
        let mut x = 10.0;
        for (kind, colour) in self.options.kinds.iter().zip(COLOURS) {
            let y = 10.0;
            writeln!(
                svg,
                r#"<rect x="{x}" y="{y}" width="{BAR}" height="{BAR}" fill="{colour}"/>"#
            )?;
            let Kind { name, .. } = kind;
            write_text(svg, x + BAR + 4.0, y + BAR - 2.0, "start", name)?;
            x += 85.0;
        }
        let meaning = "times as good as bare rusqlite: to the right is better";
        write_text(svg, x, 20.0, "start", meaning)
    }
}

/// A line for each doubling, down to `bottom`.
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
