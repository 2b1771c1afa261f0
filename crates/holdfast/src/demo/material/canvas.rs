//! A small drawing surface: filled shapes, vertical gradients, transparency, grain and a label.
//!
//! Everything is whole-number arithmetic, so that every machine draws the same picture.

use super::font;

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// Sub-pixels per pixel and axis; shapes are drawn finer and averaged, which smooths their edges.
const FINE: i32 = 2;

/// What a shape is filled with: a vertical gradient over the shape's height, and its opacity.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    top: Rgb,
    bottom: Rgb,
    opacity: u8,
}

impl Ink {
    pub(super) const fn flat(colour: Rgb) -> Self {
        Self::fade(colour, colour)
    }

    pub(super) const fn fade(top: Rgb, bottom: Rgb) -> Self {
        Self {
            top,
            bottom,
            opacity: u8::MAX,
        }
    }

    pub(super) const fn veil(colour: Rgb, opacity: u8) -> Self {
        Self {
            top: colour,
            bottom: colour,
            opacity,
        }
    }
}

/// A picture while it is being drawn; coordinates are pixels and may lie outside.
#[derive(Clone)]
pub(super) struct Canvas {
    width: i32,
    height: i32,
    pixels: Vec<Rgb>,
}

/// A finished picture, three bytes for each pixel.
pub(super) struct Picture {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) pixels: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: u16, height: u16) -> Self {
        let (width, height) = (i32::from(width) * FINE, i32::from(height) * FINE);
        Self {
            width,
            height,
            pixels: vec![[0; 3]; index(width * height)],
        }
    }

    pub(super) fn rect(&mut self, x: i32, y: i32, width: i32, height: i32, ink: Ink) {
        let (right, bottom) = (x + width, y + height);
        self.shape(&[(x, y), (right, y), (right, bottom), (x, bottom)], ink);
    }

    /// Fills a simple polygon (even-odd rule).
    pub(super) fn shape(&mut self, corners: &[(i32, i32)], ink: Ink) {
        let corners: Vec<_> = corners.iter().map(|&(x, y)| (x * FINE, y * FINE)).collect();
        let Some(top) = corners.iter().map(|c| c.1).min() else {
            return;
        };
        let bottom = corners.iter().map(|c| c.1).max().unwrap_or(top);
        for y in top.max(0)..bottom.min(self.height) {
            let mut cuts: Vec<i32> = edges(&corners)
                .filter(|(a, b)| (a.1 <= y) != (b.1 <= y))
                .map(|(a, b)| a.0 + (y - a.1) * (b.0 - a.0) / (b.1 - a.1))
                .collect();
            cuts.sort_unstable();
            for pair in cuts.chunks_exact(2) {
                self.span(y, pair[0], pair[1], ink, y - top, bottom - top);
            }
        }
    }

    pub(super) fn ellipse(&mut self, x: i32, y: i32, across: i32, down: i32, ink: Ink) {
        let (x, y, across, down) = (x * FINE, y * FINE, across * FINE, down * FINE);
        for row in (-down).max(-y)..down.min(self.height - y) {
            let half = across * root(down * down - row * row) / down.max(1);
            self.span(y + row, x - half, x + half, ink, row + down, 2 * down);
        }
    }

    /// Writes text in capital letters of the built-in five-by-seven font.
    pub(super) fn text(&mut self, x: i32, y: i32, scale: i32, text: &str, colour: Rgb) {
        let mut left = x;
        for letter in text.chars() {
            let mut top = y;
            for row in font::rows(letter) {
                for column in 0..5 {
                    if row & (0b1_0000 >> column) != 0 {
                        self.rect(left + column * scale, top, scale, scale, Ink::flat(colour));
                    }
                }
                top += scale;
            }
            left += 6 * scale;
        }
    }

    /// Averages the fine picture down by `shrink` (1 is full size) and adds film-like grain.
    pub(super) fn picture(&self, shrink: u16, seed: u32) -> Picture {
        let step = FINE * i32::from(shrink.max(1));
        let (width, height) = (self.width / step, self.height / step);
        let mut chance = Chance::new(seed);
        let mut pixels = Vec::with_capacity(index(width * height * 3));
        for y in 0..height {
            for x in 0..width {
                let grain = chance.below(7) - 3;
                let mean = self.mean(x * step, y * step, step);
                pixels.extend(mean.map(|value| byte(value + grain)));
            }
        }
        let side = |length: i32| u16::try_from(length).unwrap_or(u16::MAX);
        Picture {
            width: side(width),
            height: side(height),
            pixels,
        }
    }

    fn mean(&self, x: i32, y: i32, step: i32) -> [i32; 3] {
        let mut sum = [0; 3];
        for row in y..y + step {
            let start = index(row * self.width + x);
            for pixel in &self.pixels[start..start + index(step)] {
                for (total, value) in sum.iter_mut().zip(pixel) {
                    *total += i32::from(*value);
                }
            }
        }
        sum.map(|total| total / (step * step))
    }

    fn span(&mut self, y: i32, from: i32, to: i32, ink: Ink, down: i32, of: i32) {
        let (from, to) = (from.clamp(0, self.width), to.clamp(0, self.width));
        if from >= to {
            return;
        }
        let colour = mix(ink.top, ink.bottom, down, of);
        let row = &mut self.pixels[index(y * self.width + from)..index(y * self.width + to)];
        if ink.opacity == u8::MAX {
            row.fill(colour);
        } else {
            for pixel in row {
                *pixel = mix(*pixel, colour, i32::from(ink.opacity), 255);
            }
        }
    }
}

impl Picture {
    /// Turns the picture a quarter anticlockwise, as a camera held upright stores it (EXIF orientation 6).
    pub(super) fn turned(self) -> Self {
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for x in (0..width).rev() {
            for y in 0..height {
                let at = (y * width + x) * 3;
                pixels.extend_from_slice(&self.pixels[at..at + 3]);
            }
        }
        Self {
            width: self.height,
            height: self.width,
            pixels,
        }
    }
}

/// A repeatable sequence of numbers, so that rubble and grain are the same in every run.
pub(super) struct Chance(u32);

impl Chance {
    pub(super) fn new(seed: u32) -> Self {
        Self(seed | 1)
    }

    /// Returns a number from 0 up to but without `limit`.
    pub(super) fn below(&mut self, limit: i32) -> i32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        i32::try_from(self.0 >> 1).unwrap_or(0) % limit.max(1)
    }

    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below(high - low)
    }
}

fn edges(corners: &[(i32, i32)]) -> impl Iterator<Item = ((i32, i32), (i32, i32))> {
    corners
        .iter()
        .copied()
        .zip(corners.iter().copied().cycle().skip(1))
}

fn mix(from: Rgb, to: Rgb, part: i32, whole: i32) -> Rgb {
    let whole = whole.max(1);
    let one = |a: u8, b: u8| byte(i32::from(a) + (i32::from(b) - i32::from(a)) * part / whole);
    [
        one(from[0], to[0]),
        one(from[1], to[1]),
        one(from[2], to[2]),
    ]
}

fn byte(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX)
}

fn index(value: i32) -> usize {
    usize::try_from(value).unwrap_or(0)
}

fn root(square: i32) -> i32 {
    square.max(0).isqrt()
}
