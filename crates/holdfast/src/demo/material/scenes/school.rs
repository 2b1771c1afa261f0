//! The school on Mill Street, part of its wall fallen in; empty, fenced off, under an overcast sky.

use super::{Canvas, Chance, Ink, LONG, SHORT, cloud, label, tree};

const LEFT: i32 = 130;
const TOP: i32 = 210;
const FOOT: i32 = 590;
/// The edge along which the wall is gone, from the roof down to the rubble.
const BREAK: [(i32, i32); 9] = [
    (742, 180),
    (760, 240),
    (728, 286),
    (772, 330),
    (752, 384),
    (800, 430),
    (786, 480),
    (836, 528),
    (850, 590),
];

/// Draws the school with its broken corner, the rubble and a tape in front.
pub(in super::super) fn school() -> Canvas {
    let mut canvas = Canvas::new(LONG, SHORT);
    canvas.rect(
        0,
        0,
        1200,
        FOOT,
        Ink::fade([138, 152, 168], [216, 214, 206]),
    );
    for (x, y, size) in [
        (160, 70, 90),
        (520, 120, 80),
        (860, 60, 100),
        (1100, 150, 70),
    ] {
        cloud(
            &mut canvas,
            x,
            y,
            size,
            Ink::fade([206, 212, 216], [168, 178, 190]),
        );
    }
    canvas.shape(
        &[
            (0, 470),
            (300, 430),
            (700, 460),
            (1200, 410),
            (1200, 600),
            (0, 600),
        ],
        Ink::fade([148, 158, 156], [164, 168, 156]),
    );
    for (x, size) in [(60, 230), (1130, 250), (1040, 180)] {
        tree(&mut canvas, x, 590, size, [104, 132, 92]);
    }
    canvas.rect(
        0,
        FOOT,
        1200,
        210,
        Ink::fade([158, 150, 138], [112, 106, 98]),
    );
    inside(&mut canvas);
    front(&mut canvas);
    rubble(&mut canvas);
    for ring in 0..5 {
        canvas.ellipse(
            930 + ring * 22,
            330 - ring * 60,
            60 + ring * 22,
            46 + ring * 10,
            Ink::veil([206, 204, 200], 34),
        );
    }
    tape(&mut canvas);
    label(&mut canvas, 800, "SCHOOL. EASTBRIDGE - NOT A REAL PLACE");
    canvas
}

fn inside(canvas: &mut Canvas) {
    for floor in 0..3 {
        let y = TOP + 30 + floor * 120;
        let right = 1000 - floor * 22;
        canvas.rect(
            730,
            y,
            right - 740,
            120,
            Ink::fade([74, 70, 70], [112, 104, 98]),
        );
        for wall in 0..3 {
            let x = 800 + wall * 70;
            let width = 54.min(right - 16 - x);
            canvas.rect(
                x,
                y + 8,
                width,
                104,
                Ink::fade([156, 168, 160], [128, 134, 128]),
            );
            canvas.rect(
                x + 10,
                y + 28,
                26.min(width - 14),
                26,
                Ink::fade([64, 88, 76], [54, 74, 66]),
            );
        }
        // The lowest floor lies behind the rubble.
        if floor == 2 {
            break;
        }
        canvas.shape(
            &[
                (730, y + 112),
                (right - 4, y + 112),
                (right + 14, y + 122),
                (right - 30, y + 130),
                (730, y + 126),
            ],
            Ink::fade([186, 180, 170], [140, 134, 126]),
        );
        for rod in 0..5 {
            let x = right - 20 + rod * 7;
            canvas.shape(
                &[
                    (x, y + 118),
                    (x + 2, y + 118),
                    (x + 18, y + 140 + rod * 4),
                    (x + 15, y + 140 + rod * 4),
                ],
                Ink::flat([96, 70, 58]),
            );
        }
    }
}

fn front(canvas: &mut Canvas) {
    let mut wall = vec![(LEFT, TOP)];
    wall.extend(BREAK.iter().map(|&(x, y)| (x, y.max(TOP))));
    wall.push((LEFT, FOOT));
    canvas.shape(&wall, Ink::fade([226, 206, 164], [196, 174, 136]));
    canvas.shape(
        &[
            (LEFT - 14, TOP - 30),
            (748, TOP - 30),
            (756, TOP - 12),
            (744, TOP),
            (LEFT - 14, TOP),
        ],
        Ink::fade([118, 82, 70], [96, 66, 58]),
    );
    for floor in 0..3 {
        canvas.rect(
            LEFT,
            TOP + 112 + floor * 122,
            600,
            5,
            Ink::veil([120, 98, 70], 120),
        );
        for column in 0..7 {
            let (x, y) = (LEFT + 28 + column * 84, TOP + 34 + floor * 122);
            if floor == 2 && column == 3 {
                entrance(canvas, x);
            } else {
                window(canvas, x, y, column + 2 * floor);
            }
        }
    }
    canvas.rect(330, 436, 178, 34, Ink::fade([52, 82, 112], [40, 66, 94]));
    canvas.text(352, 443, 3, "SCHOOL 3", [244, 240, 226]);
    for pair in BREAK.windows(2) {
        let ((a, b), (c, d)) = (pair[0], pair[1]);
        canvas.shape(
            &[(a, b.max(TOP)), (a + 16, b.max(TOP)), (c + 16, d), (c, d)],
            Ink::fade([176, 108, 86], [142, 86, 70]),
        );
    }
}

fn window(canvas: &mut Canvas, x: i32, y: i32, which: i32) {
    canvas.rect(x - 5, y - 5, 56, 74, Ink::flat([238, 232, 220]));
    canvas.rect(x, y, 46, 64, Ink::fade([92, 108, 122], [142, 158, 166]));
    if which % 4 == 1 {
        canvas.shape(
            &[
                (x + 3, y),
                (x + 43, y),
                (x + 34, y + 22),
                (x + 40, y + 40),
                (x + 22, y + 34),
                (x + 10, y + 62),
                (x + 12, y + 26),
            ],
            Ink::flat([44, 46, 50]),
        );
    } else {
        canvas.shape(
            &[(x + 6, y + 64), (x + 28, y), (x + 38, y), (x + 16, y + 64)],
            Ink::veil([255, 255, 255], 44),
        );
    }
    canvas.rect(x + 21, y, 4, 64, Ink::flat([238, 232, 220]));
    canvas.rect(
        x - 8,
        y + 67,
        62,
        6,
        Ink::fade([214, 204, 186], [160, 150, 132]),
    );
}

fn entrance(canvas: &mut Canvas, x: i32) {
    canvas.rect(x - 18, 478, 84, 112, Ink::flat([232, 226, 212]));
    canvas.rect(x - 10, 486, 68, 104, Ink::fade([82, 66, 54], [58, 46, 38]));
    canvas.rect(x + 22, 486, 4, 104, Ink::flat([120, 100, 84]));
    for step in 0..3 {
        canvas.rect(
            x - 26 - step * 8,
            590 + step * 8,
            100 + step * 16,
            8,
            Ink::fade([206, 200, 190], [158, 152, 144]),
        );
    }
}

fn rubble(canvas: &mut Canvas) {
    canvas.ellipse(920, 640, 240, 34, Ink::veil([30, 28, 28], 110));
    canvas.shape(
        &[
            (720, 640),
            (770, 590),
            (820, 548),
            (880, 530),
            (950, 506),
            (1010, 552),
            (1070, 598),
            (1130, 642),
        ],
        Ink::fade([150, 140, 130], [110, 102, 94]),
    );
    let mut chance = Chance::new(407);
    let colours = [
        [178, 168, 156],
        [150, 138, 126],
        [172, 104, 82],
        [128, 120, 114],
        [206, 188, 152],
        [104, 96, 92],
    ];
    for piece in 0..420 {
        let x = chance.between(700, 1150);
        let rise = (150 - (x - 940).abs() * 7 / 11).max(6);
        let y = 644 - chance.below(rise) + chance.below(20);
        let size = chance.between(5, 24);
        let tilt = chance.between(-8, 9);
        let colour = colours[usize::try_from(piece).unwrap_or(0) % colours.len()];
        let dark = colour.map(|value: u8| value / 2 + 10);
        canvas.shape(
            &[
                (x, y + tilt / 2),
                (x + size, y - tilt / 2),
                (x + size + 4, y + size * 2 / 3),
                (x + 3, y + size * 2 / 3 + tilt / 3),
            ],
            Ink::fade(colour, dark),
        );
    }
}

fn tape(canvas: &mut Canvas) {
    for x in [640, 860, 1080] {
        canvas.rect(x, 628, 8, 92, Ink::fade([90, 92, 96], [58, 60, 64]));
        canvas.ellipse(x + 4, 722, 20, 6, Ink::flat([58, 60, 64]));
    }
    for strip in 0..44 {
        let x = 640 + strip * 10;
        let sag = |x: i32| 646 + (110 - ((x - 640) % 220 - 110).abs()) / 9;
        let colour = if strip % 2 == 0 {
            [214, 58, 48]
        } else {
            [244, 240, 234]
        };
        canvas.shape(
            &[
                (x, sag(x)),
                (x + 10, sag(x + 10)),
                (x + 10, sag(x + 10) + 12),
                (x, sag(x) + 12),
            ],
            Ink::flat(colour),
        );
    }
}
