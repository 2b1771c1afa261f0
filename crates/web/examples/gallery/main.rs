//! Writes every page with invented content into a folder, to look at: `cargo run -p web --example gallery -- <folder>`.

#[path = "../../tests/it/sample.rs"]
mod sample;

use std::path::PathBuf;

use web::frame::{Dir, Theme};

#[expect(
    clippy::disallowed_methods,
    reason = "pictures for a developer's eye need no durability"
)]
#[expect(clippy::print_stdout, reason = "says where the pages are")]
fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .unwrap_or_else(|| "gallery".into()),
    );
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("style.css"), web::pages::stylesheet::STYLE)?;
    for (dress, theme, dir) in [
        ("light", Theme::Light, Dir::Ltr),
        ("dark", Theme::Dark, Dir::Ltr),
        ("rtl", Theme::Light, Dir::Rtl),
    ] {
        let out = sample::Outside::new(sample::FIELD);
        for (name, html) in sample::pages(sample::Dress { dir, theme }, &out, 9) {
            let html = html.replace(web::paths::STYLE, "style.css");
            std::fs::write(folder.join(format!("{name}-{dress}.html")), html)?;
        }
    }
    println!("{}", folder.display());
    Ok(())
}
