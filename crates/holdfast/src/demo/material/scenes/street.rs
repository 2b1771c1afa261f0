//! Mill Street on an ordinary morning.

use super::{Canvas, Chance, FAIR, Ink, LONG, Rgb, SHORT, cloud, label, tree};

struct House {
    x: i32,
    width: i32,
    storeys: i32,
    wall: Rgb,
    roof: Rgb,
}

const HOUSES: [House; 6] = [
    House {
        x: -40,
        width: 220,
        storeys: 3,
        wall: [214, 178, 138],
        roof: [128, 66, 52],
    },
    House {
        x: 180,
        width: 170,
        storeys: 2,
        wall: [233, 221, 196],
        roof: [92, 84, 88],
    },
    House {
        x: 350,
        width: 240,
        storeys: 4,
        wall: [186, 104, 84],
        roof: [78, 62, 62],
    },
    House {
        x: 590,
        width: 190,
        storeys: 3,
        wall: [176, 196, 202],
        roof: [104, 74, 60],
    },
    House {
        x: 780,
        width: 210,
        storeys: 2,
        wall: [238, 204, 142],
        roof: [142, 72, 54],
    },
    House {
        x: 990,
        width: 250,
        storeys: 3,
        wall: [198, 206, 178],
        roof: [88, 78, 80],
    },
];

const GROUND: i32 = 560;
const STOREY: i32 = 84;

/// Draws the street: a row of houses, trees and an empty road in the sun.
pub(in super::super) fn street() -> Canvas {
    let mut canvas = Canvas::new(LONG, SHORT);
    canvas.rect(
        0,
        0,
        1200,
        GROUND,
        Ink::fade([98, 164, 224], [238, 232, 214]),
    );
    for ring in 0..8 {
        canvas.ellipse(
            1010,
            118,
            52 + ring * 22,
            52 + ring * 22,
            Ink::veil([255, 244, 206], 26),
        );
    }
    canvas.ellipse(1010, 118, 46, 46, Ink::flat([255, 250, 232]));
    cloud(&mut canvas, 240, 110, 62, FAIR);
    cloud(&mut canvas, 640, 74, 44, FAIR);
    canvas.shape(
        &[
            (0, 470),
            (180, 380),
            (420, 440),
            (700, 350),
            (1000, 430),
            (1200, 370),
            (1200, 560),
            (0, 560),
        ],
        Ink::fade([150, 178, 178], [176, 190, 172]),
    );
    for house in &HOUSES {
        draw(&mut canvas, house);
    }
    road(&mut canvas);
    for (x, size) in [(120, 190), (470, 170), (805, 176), (1130, 200)] {
        tree(&mut canvas, x, 604, size, [112, 158, 82]);
    }
    for x in [300, 660, 985] {
        lamp(&mut canvas, x);
    }
    label(
        &mut canvas,
        800,
        "MILL STREET. EASTBRIDGE - NOT A REAL PLACE",
    );
    canvas
}

fn draw(canvas: &mut Canvas, house: &House) {
    let (x, width) = (house.x, house.width);
    let top = GROUND - 30 - house.storeys * STOREY;
    let shade = house.wall.map(|value| value - value / 5);
    let peak = top - width / 3;
    canvas.rect(
        x + width / 5,
        peak + 20,
        26,
        width / 4,
        Ink::fade([150, 92, 76], [112, 68, 56]),
    );
    canvas.shape(
        &[(x - 8, top), (x + width / 2, peak), (x + width + 8, top)],
        Ink::fade(house.roof.map(|value| value.saturating_add(34)), house.roof),
    );
    canvas.rect(x, top, width, GROUND - top, Ink::fade(house.wall, shade));
    canvas.rect(x, top, width, 8, Ink::veil([0, 0, 0], 60));
    canvas.rect(x, GROUND - 22, width, 22, Ink::veil([30, 28, 30], 90));
    let columns = width / 62;
    let gap = width / columns;
    for floor in 0..house.storeys {
        for column in 0..columns {
            let left = x + column * gap + (gap - 34) / 2;
            let door = floor == house.storeys - 1 && column == columns / 2;
            if door {
                canvas.rect(
                    left - 5,
                    top + 22 + floor * STOREY,
                    44,
                    STOREY + 8,
                    Ink::flat([236, 230, 220]),
                );
                canvas.rect(
                    left,
                    top + 27 + floor * STOREY,
                    34,
                    STOREY + 3,
                    Ink::fade([86, 62, 48], [60, 42, 34]),
                );
            } else {
                window(canvas, left, top + 24 + floor * STOREY, column + floor);
            }
        }
    }
}

fn window(canvas: &mut Canvas, x: i32, y: i32, which: i32) {
    canvas.rect(x - 5, y - 5, 44, 60, Ink::flat([240, 236, 228]));
    canvas.rect(x, y, 34, 50, Ink::fade([74, 96, 116], [150, 178, 194]));
    if which % 3 == 0 {
        canvas.shape(
            &[(x, y), (x + 12, y), (x + 6, y + 50), (x, y + 50)],
            Ink::veil([244, 238, 222], 200),
        );
        canvas.shape(
            &[(x + 22, y), (x + 34, y), (x + 34, y + 50), (x + 28, y + 50)],
            Ink::veil([244, 238, 222], 200),
        );
    }
    canvas.shape(
        &[(x + 4, y + 50), (x + 20, y), (x + 28, y), (x + 12, y + 50)],
        Ink::veil([255, 255, 255], 48),
    );
    canvas.rect(x + 16, y, 3, 50, Ink::flat([240, 236, 228]));
    canvas.rect(x, y + 20, 34, 3, Ink::flat([240, 236, 228]));
    canvas.rect(
        x - 8,
        y + 53,
        50,
        6,
        Ink::fade([222, 216, 206], [168, 162, 154]),
    );
}

fn road(canvas: &mut Canvas) {
    canvas.rect(
        0,
        GROUND,
        1200,
        60,
        Ink::fade([196, 188, 176], [214, 206, 194]),
    );
    for x in -8..40 {
        let (near, far) = (600 + (x * 46 - 600) * 12 / 10, x * 46);
        canvas.shape(
            &[
                (far, GROUND),
                (far + 1, GROUND),
                (near + 2, 620),
                (near, 620),
            ],
            Ink::veil([110, 104, 98], 90),
        );
    }
    canvas.rect(
        0,
        620,
        1200,
        12,
        Ink::fade([232, 226, 216], [150, 144, 138]),
    );
    canvas.rect(0, 632, 1200, 168, Ink::fade([98, 100, 106], [72, 74, 80]));
    let mut chance = Chance::new(11);
    for _ in 0..900 {
        let (x, y) = (chance.below(1200), chance.between(634, 800));
        canvas.rect(
            x,
            y,
            2 + (y - 630) / 50,
            1 + (y - 630) / 120,
            Ink::veil([160, 160, 164], 60),
        );
    }
    for x in (-60..1200).step_by(190) {
        canvas.shape(
            &[(x + 14, 702), (x + 114, 702), (x + 110, 714), (x, 714)],
            Ink::flat([226, 222, 208]),
        );
    }
}

fn lamp(canvas: &mut Canvas, x: i32) {
    canvas.ellipse(x + 30, 612, 46, 5, Ink::veil([20, 24, 30], 90));
    canvas.rect(x - 4, 380, 8, 232, Ink::fade([70, 78, 84], [44, 50, 56]));
    canvas.rect(x - 9, 596, 18, 16, Ink::flat([44, 50, 56]));
    canvas.rect(x, 376, 46, 6, Ink::flat([64, 72, 78]));
    canvas.shape(
        &[(x + 28, 382), (x + 56, 382), (x + 62, 394), (x + 22, 394)],
        Ink::fade([80, 88, 94], [240, 236, 214]),
    );
}
