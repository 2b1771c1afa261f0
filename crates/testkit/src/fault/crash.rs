//! What a power cut leaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Behaviour;
use super::image::{Effect, Image};
use super::plane::Plane;
use super::random::{Random, mix};

const SECTOR: usize = 512;

/// Returns the contents of the disk when the power fails now.
pub(super) fn states(plane: &Plane, behaviour: Behaviour, seed: u64) -> Image {
    let mut image = plane.durable.clone();
    let mut random = Random::new(mix(seed, behaviour as u64));
    let pending = &plane.pending;
    match behaviour {
        Behaviour::DropUnsynced => {}
        Behaviour::KeepPrefix => {
            let keep = random.up_to(pending.len());
            pending[..keep].iter().for_each(|e| image.apply(e));
        }
        Behaviour::TornLastSector => torn(pending, &mut random)
            .iter()
            .for_each(|e| image.apply(e)),
        Behaviour::Reorder => {
            let kept = pending.iter().filter(|_| random.up_to(1) == 1);
            kept.for_each(|e| image.apply(e));
        }
        Behaviour::LoseNames => pending
            .iter()
            .filter(|e| !e.is_name())
            .for_each(|e| image.apply(e)),
    }
    image
}

/// Keeps all effects, but in each file the last sector written ends in garbage from a random byte on.
fn torn(pending: &[Effect], random: &mut Random) -> Vec<Effect> {
    let mut last = BTreeMap::new();
    for (at, effect) in pending.iter().enumerate() {
        if let Effect::Write { ino, bytes, .. } = effect
            && !bytes.is_empty()
        {
            last.insert(*ino, at);
        }
    }
    let mut effects = pending.to_vec();
    for at in last.into_values() {
        if let Effect::Write { offset, bytes, .. } = &mut effects[at] {
            let end = *offset + bytes.len();
            let sector = ((end - 1) / SECTOR * SECTOR).max(*offset);
            let from = sector - *offset + random.up_to(end - sector - 1);
            let mut harmed = bytes.to_vec();
            harmed[from..].iter_mut().for_each(|b| *b = !*b);
            *bytes = Arc::from(harmed);
        }
    }
    effects
}
