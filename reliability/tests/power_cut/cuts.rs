//! The power cuts of a run: their places and kinds.

use std::collections::{BTreeMap, HashMap};
use std::mem;

use fastrand::Rng;
use persist_faults::{Device, Event, Image, Loss};

use crate::found::{Counts, Found};
use crate::life::{Jobs, Run};
use crate::promises::Promises;

/// A place in the record of a run, with the disk and the promises there.
pub(crate) struct Place {
    pub(crate) index: usize,
    pub(crate) device: Device,
    pub(crate) promises: Promises,
}

impl Run {
    /// Visits places in their order.
    pub(crate) fn visit(&self, mut places: Vec<usize>, mut visit: impl FnMut(&Place)) {
        places.sort_unstable();
        let mut place =
            Place { index: 0, device: Device::default(), promises: self.before.clone() };
        for index in places {
            for (at, event) in self.events.iter().enumerate().take(index).skip(place.index) {
                place.device.apply(event);
                if let Event::Marked(mark) = event
                    && at >= self.first_event
                {
                    place.promises.learn(self.marks[usize::try_from(*mark).unwrap()]);
                }
            }
            place.index = index;
            visit(&place);
        }
    }

    /// Cuts the power at each call, with `losses` kinds of loss. A disk that equals the one before isn't checked again.
    pub(crate) fn cut_everywhere(
        &self,
        losses: usize,
        jobs: &Jobs,
        random: &mut Rng,
        counts: &mut Counts,
    ) {
        let mut before: HashMap<Loss, (Image, Promises)> = HashMap::new();
        self.visit((self.first_event..=self.events.len()).collect(), |place| {
            for loss in random.choose_multiple(Loss::ALL, losses) {
                let found = (place.device.cut(loss, random), place.promises.clone());
                if before.get(&loss) != Some(&found) {
                    Found::below(self, place, loss, &found.0).check(jobs, counts);
                    before.insert(loss, found);
                }
            }
        });
    }

    /// Cuts the power at random places, each with a random kind of loss.
    pub(crate) fn cut(&self, cuts: usize, jobs: &Jobs, random: &mut Rng, counts: &mut Counts) {
        self.visit(self.places(cuts, random), |place| {
            let loss = Loss::ALL[random.usize(..Loss::ALL.len())];
            let image = place.device.cut(loss, random);
            Found::below(self, place, loss, &image).check(jobs, counts);
        });
    }

    /// Returns places before and after calls of all kinds, including rare ones.
    pub(crate) fn places(&self, count: usize, random: &mut Rng) -> Vec<usize> {
        let mut names = HashMap::new();
        let mut kinds: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, event) in self.events.iter().enumerate() {
            match event {
                Event::Created { path, file } => {
                    let end = path.extension().map(|end| end.to_string_lossy().into_owned());
                    names.insert(*file, end);
                }
                _ if index < self.first_event => continue,
                _ => {}
            }
            let file = match event {
                Event::Wrote { file, .. }
                | Event::Truncated { file, .. }
                | Event::Synced { file }
                | Event::Created { file, .. } => names.get(file).cloned().flatten(),
                _ => None,
            };
            // The variant alone.
            let kind = format!("{:?}", mem::discriminant(event));
            kinds.entry((kind, file)).or_default().push(index);
        }
        let kinds: Vec<Vec<usize>> = kinds.into_values().collect();
        let mut place = || {
            let of_kind = &kinds[random.usize(..kinds.len())];
            let place = of_kind[random.usize(..of_kind.len())] + usize::from(random.bool());
            place.max(self.first_event)
        };
        (0..count).map(|_| place()).collect()
    }
}
