//! The four invented places: a street, a school, a bridge and a river. No persons, no harm shown.

use super::canvas::{Canvas, Chance, Ink, Rgb};

mod bridge;
mod river;
mod school;
mod street;

pub(super) use bridge::bridge;
pub(super) use river::river;
pub(super) use school::school;
pub(super) use street::street;

/// The long and the short side of every photograph.
const LONG: u16 = 1200;
const SHORT: u16 = 800;

/// White clouds of a fair day.
const FAIR: Ink = Ink::fade([252, 253, 255], [206, 222, 234]);

/// Writes into the picture itself that it is invented, so that a copy without its metadata says so too.
fn label(canvas: &mut Canvas, height: i32, place: &str) {
    let width = 44 + 12 * i32::try_from(place.len()).unwrap_or(0);
    canvas.rect(24, height - 92, width, 68, Ink::veil([12, 16, 24], 190));
    canvas.rect(24, height - 92, 6, 68, Ink::flat([255, 196, 64]));
    canvas.text(46, height - 80, 4, "INVENTED / DEMO", [255, 255, 255]);
    canvas.text(46, height - 44, 2, place, [214, 220, 228]);
}

fn cloud(canvas: &mut Canvas, x: i32, y: i32, size: i32, ink: Ink) {
    let puffs = [
        (-98, 24, 26),
        (104, 24, 28),
        (-55, 14, 42),
        (58, 12, 46),
        (20, -14, 44),
        (0, 6, 60),
    ];
    for (right, down, across) in puffs {
        let (across, tall) = (across * size / 50, across * size / 90);
        canvas.ellipse(
            x + right * size / 50,
            y + down * size / 50,
            across,
            tall,
            ink,
        );
    }
}

fn tree(canvas: &mut Canvas, x: i32, foot: i32, size: i32, leaf: Rgb) {
    let dark = leaf.map(|value| value / 2);
    canvas.ellipse(
        x + size / 4,
        foot,
        size / 2,
        size / 14,
        Ink::veil([20, 26, 30], 90),
    );
    canvas.rect(
        x - size / 22,
        foot - size / 2,
        size / 11,
        size / 2,
        Ink::fade([96, 74, 54], [64, 48, 36]),
    );
    let crown = [
        (12, 100, 22),
        (0, 90, 34),
        (-22, 66, 28),
        (24, 64, 30),
        (2, 58, 32),
    ];
    for (right, up, across) in crown {
        let (x, y, across) = (
            x + right * size / 100,
            foot - up * size / 100,
            across * size / 100,
        );
        canvas.ellipse(x, y, across, across * 9 / 10, Ink::fade(leaf, dark));
    }
    let mut chance = Chance::new(u32::try_from(x.abs()).unwrap_or(1) * 977 + 5);
    for _ in 0..60 {
        let (x, y) = (
            x + chance.between(-38, 44) * size / 100,
            foot - chance.between(44, 116) * size / 100,
        );
        canvas.ellipse(
            x,
            y,
            size / 40 + 1,
            size / 60 + 1,
            Ink::veil([232, 240, 190], 34),
        );
    }
}
