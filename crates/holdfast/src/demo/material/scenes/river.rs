//! The town from across the river at dusk.

use super::{Canvas, Chance, Ink, LONG, SHORT, label};

const SHORE: i32 = 470;

/// Draws the skyline in the last light, mirrored in the river.
pub(in super::super) fn river() -> Canvas {
    let mut canvas = Canvas::new(LONG, SHORT);
    let mut chance = Chance::new(23);
    sky(&mut canvas, &mut chance);
    water(&mut canvas);
    skyline(&mut canvas, &mut chance);
    shimmer(&mut canvas, &mut chance);
    label(
        &mut canvas,
        800,
        "RIVER VELNA. EASTBRIDGE - NOT A REAL PLACE",
    );
    canvas
}

fn sky(canvas: &mut Canvas, chance: &mut Chance) {
    canvas.rect(0, 0, 1200, 300, Ink::fade([38, 44, 88], [150, 98, 132]));
    canvas.rect(
        0,
        300,
        1200,
        170,
        Ink::fade([150, 98, 132], [246, 178, 112]),
    );
    for _ in 0..90 {
        let (x, y) = (chance.below(1200), chance.below(230));
        canvas.ellipse(x, y, 1, 1, Ink::veil([255, 250, 240], 150));
    }
    for ring in 0..6 {
        canvas.ellipse(
            250,
            130,
            42 + ring * 16,
            42 + ring * 16,
            Ink::veil([255, 240, 220], 14),
        );
    }
    canvas.ellipse(
        250,
        130,
        38,
        38,
        Ink::fade([252, 246, 232], [232, 214, 206]),
    );
    for (x, y, half) in [
        (820, 330, 260),
        (500, 372, 200),
        (980, 392, 180),
        (120, 402, 160),
    ] {
        canvas.ellipse(x, y, half, 9, Ink::veil([92, 62, 104], 120));
        canvas.ellipse(
            x + 30,
            y + 6,
            half * 3 / 4,
            4,
            Ink::veil([255, 206, 150], 120),
        );
    }
    canvas.shape(
        &[
            (0, 430),
            (220, 380),
            (480, 420),
            (760, 372),
            (1000, 410),
            (1200, 380),
            (1200, 470),
            (0, 470),
        ],
        Ink::fade([112, 74, 104], [128, 84, 100]),
    );
}

fn water(canvas: &mut Canvas) {
    canvas.rect(
        0,
        SHORE,
        1200,
        150,
        Ink::fade([228, 160, 112], [138, 90, 124]),
    );
    canvas.rect(
        0,
        SHORE + 150,
        1200,
        180,
        Ink::fade([138, 90, 124], [34, 38, 74]),
    );
}

fn skyline(canvas: &mut Canvas, chance: &mut Chance) {
    let mut x = -20;
    while x < 1200 {
        let (width, tall) = (chance.between(56, 120), chance.between(50, 150));
        let top = SHORE - tall;
        canvas.rect(x, top, width, tall, Ink::fade([40, 34, 58], [58, 44, 66]));
        if chance.below(2) == 0 {
            canvas.shape(
                &[
                    (x - 4, top),
                    (x + width / 2, top - width / 3),
                    (x + width + 4, top),
                ],
                Ink::flat([36, 30, 52]),
            );
        }
        canvas.rect(x, SHORE, width, tall * 3 / 4, Ink::veil([44, 36, 62], 140));
        lights(canvas, chance, x, top, width, tall);
        x += width + chance.below(10);
    }
    canvas.rect(598, 270, 44, 200, Ink::fade([34, 28, 50], [56, 42, 64]));
    canvas.shape(
        &[(590, 272), (620, 190), (650, 272)],
        Ink::flat([32, 26, 48]),
    );
    canvas.ellipse(620, 300, 13, 13, Ink::flat([250, 226, 170]));
    canvas.rect(598, SHORE, 44, 150, Ink::veil([44, 36, 62], 150));
    canvas.rect(0, SHORE - 4, 1200, 8, Ink::fade([30, 26, 44], [52, 40, 58]));
}

fn lights(canvas: &mut Canvas, chance: &mut Chance, x: i32, top: i32, width: i32, tall: i32) {
    for row in (12..tall - 14).step_by(24) {
        for column in (10..width - 14).step_by(20) {
            if chance.below(5) == 0 {
                canvas.rect(
                    x + column,
                    top + row,
                    9,
                    12,
                    Ink::fade([255, 224, 150], [250, 196, 110]),
                );
                let mirrored = SHORE + (tall - row) * 3 / 4;
                canvas.rect(
                    x + column + 1,
                    mirrored - 14,
                    7,
                    22,
                    Ink::veil([255, 214, 140], 96),
                );
            }
        }
    }
}

fn shimmer(canvas: &mut Canvas, chance: &mut Chance) {
    for _ in 0..760 {
        let y = chance.between(SHORE + 8, 800);
        let near = (y - SHORE) / 14;
        let (x, half) = (chance.below(1200), chance.between(6, 20) + near * 3);
        let light = if chance.below(3) == 0 {
            [34, 32, 66]
        } else {
            [255, 206, 164]
        };
        canvas.ellipse(x, y, half, 1 + near / 14, Ink::veil(light, 46));
    }
    for step in 0..40 {
        let (y, half) = (SHORE + 14 + step * 8, chance.between(14, 46));
        canvas.ellipse(
            250 + chance.between(-16, 17),
            y,
            half,
            2,
            Ink::veil([255, 238, 220], 120),
        );
    }
}
