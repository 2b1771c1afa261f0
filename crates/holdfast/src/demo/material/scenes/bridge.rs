//! The road bridge over the river Velna, upright format.

use super::{Canvas, Chance, FAIR, Ink, LONG, SHORT, cloud, label, tree};

const WATER: i32 = 700;

/// Draws the bridge from the bank, its middle span closed by a barrier.
pub(in super::super) fn bridge() -> Canvas {
    let mut canvas = Canvas::new(SHORT, LONG);
    canvas.rect(0, 0, 800, WATER, Ink::fade([86, 148, 204], [232, 226, 206]));
    cloud(&mut canvas, 210, 150, 70, FAIR);
    cloud(&mut canvas, 600, 260, 54, FAIR);
    canvas.shape(
        &[
            (0, 600),
            (140, 520),
            (330, 590),
            (520, 500),
            (800, 570),
            (800, 700),
            (0, 700),
        ],
        Ink::fade([132, 164, 160], [150, 172, 140]),
    );
    for (x, size) in [(60, 120), (170, 100), (690, 130), (760, 110), (590, 90)] {
        tree(&mut canvas, x, 700, size, [98, 146, 84]);
    }
    canvas.rect(
        0,
        WATER,
        800,
        370,
        Ink::fade([128, 168, 178], [46, 92, 112]),
    );
    reflection(&mut canvas);
    spans(&mut canvas);
    ripples(&mut canvas);
    bank(&mut canvas);
    label(
        &mut canvas,
        1200,
        "RIVER VELNA. EASTBRIDGE - NOT A REAL PLACE",
    );
    canvas
}

fn spans(canvas: &mut Canvas) {
    for x in [-130, 150, 430, 710] {
        canvas.shape(
            &[(x - 26, 560), (x + 26, 560), (x + 34, 760), (x - 34, 760)],
            Ink::fade([190, 178, 158], [116, 110, 100]),
        );
        canvas.shape(
            &[(x + 6, 560), (x + 26, 560), (x + 34, 760), (x + 8, 760)],
            Ink::veil([40, 38, 36], 70),
        );
    }
    for middle in [10, 290, 570, 850] {
        let mut arch = vec![
            (middle - 140, 540),
            (middle + 140, 540),
            (middle + 140, 640),
        ];
        for step in (-12..=12).rev() {
            arch.push((
                middle + step * 115 / 12,
                640 - (144 - step * step) * 82 / 144,
            ));
        }
        arch.push((middle - 140, 640));
        canvas.shape(&arch, Ink::fade([206, 192, 168], [158, 146, 128]));
    }
    canvas.rect(0, 546, 800, 3, Ink::veil([96, 86, 72], 150));
    canvas.rect(0, 520, 800, 26, Ink::fade([172, 162, 146], [138, 130, 116]));
    canvas.rect(0, 476, 800, 6, Ink::fade([84, 92, 98], [58, 64, 70]));
    for x in (6..800).step_by(22) {
        canvas.rect(x, 480, 4, 42, Ink::flat([72, 80, 86]));
    }
    for x in [70, 350, 630] {
        canvas.rect(x, 380, 6, 142, Ink::flat([62, 70, 76]));
        canvas.ellipse(
            x + 3,
            374,
            13,
            13,
            Ink::fade([252, 246, 222], [206, 202, 188]),
        );
    }
    for block in 0..5 {
        let colour = if block % 2 == 0 {
            [214, 58, 48]
        } else {
            [244, 240, 234]
        };
        canvas.rect(432 + block * 32, 492, 32, 22, Ink::flat(colour));
    }
}

fn reflection(canvas: &mut Canvas) {
    canvas.shape(
        &[
            (0, 700),
            (800, 700),
            (800, 760),
            (520, 800),
            (330, 740),
            (140, 790),
            (0, 740),
        ],
        Ink::veil([70, 104, 92], 120),
    );
    canvas.rect(0, 830, 800, 60, Ink::veil([186, 172, 148], 70));
    for x in [-130, 150, 430, 710] {
        canvas.shape(
            &[(x - 34, 760), (x + 34, 760), (x + 26, 880), (x - 26, 880)],
            Ink::veil([176, 162, 140], 110),
        );
    }
}

fn ripples(canvas: &mut Canvas) {
    let mut chance = Chance::new(91);
    for _ in 0..420 {
        let y = chance.between(708, 1030);
        let near = (y - 690) / 12;
        let (x, half) = (chance.below(800), chance.between(6, 14) + near * 2);
        let light = if chance.below(3) == 0 {
            [22, 58, 76]
        } else {
            [226, 238, 240]
        };
        canvas.ellipse(x, y, half, 1 + near / 12, Ink::veil(light, 58));
    }
}

fn bank(canvas: &mut Canvas) {
    canvas.shape(
        &[
            (0, 990),
            (160, 1006),
            (360, 1042),
            (560, 1030),
            (800, 980),
            (800, 1200),
            (0, 1200),
        ],
        Ink::fade([142, 150, 96], [84, 94, 58]),
    );
    canvas.shape(
        &[
            (0, 990),
            (160, 1006),
            (360, 1042),
            (560, 1030),
            (800, 980),
            (800, 992),
            (560, 1046),
            (360, 1058),
            (160, 1020),
            (0, 1004),
        ],
        Ink::veil([196, 184, 150], 190),
    );
    let mut chance = Chance::new(7);
    for _ in 0..520 {
        let (x, y) = (chance.below(800), chance.between(1050, 1200));
        let lean = chance.between(-7, 8);
        canvas.shape(
            &[(x, y), (x + 3, y), (x + lean, y - chance.between(12, 34))],
            Ink::veil([176, 186, 112], 150),
        );
    }
    canvas.rect(612, 950, 10, 170, Ink::fade([120, 96, 72], [84, 66, 50]));
    canvas.rect(540, 930, 156, 52, Ink::fade([58, 96, 84], [46, 78, 70]));
    canvas.rect(545, 935, 146, 42, Ink::veil([255, 255, 255], 24));
    canvas.text(558, 942, 4, "VELNA", [244, 242, 232]);
}
