//! A two-second test pattern, made by `ffmpeg` where that program is installed.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Made;

const PLACE: &str = "video/test-pattern.mp4";

/// Makes the video, or says in one sentence why there is none; never leaves half a file.
///
/// Not caged: `ffmpeg` draws the pattern itself and reads no file of anybody's.
pub(super) fn make(dir: &Path, program: &OsStr) -> Result<Made, String> {
    let path = dir.join(PLACE);
    let folder = path.parent().unwrap_or(dir);
    let mut why = String::new();
    // H.264 is what phones write; builds without it have the older MPEG-4.
    for codec in ["libx264", "mpeg4"] {
        fs::create_dir_all(folder).map_err(|error| missing(&error.to_string()))?;
        match run(&path, program, codec) {
            Ok(()) => {
                return Ok(Made {
                    path,
                    what: "video: two seconds of a test pattern",
                    source: "Test pattern of ffmpeg, invented",
                });
            }
            Err(reason) => why = reason,
        }
        discard(&path, folder)?;
    }
    Err(missing(&why))
}

fn run(path: &Path, program: &OsStr, codec: &str) -> Result<(), String> {
    // The prefix keeps ffmpeg from reading a colon in the path as a protocol.
    let mut target = OsString::from("file:");
    target.push(path);
    let output = Command::new(program)
        .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-n"])
        .args([
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=320x240:rate=12:duration=2",
        ])
        .args([
            "-c:v",
            codec,
            "-pix_fmt",
            "yuv420p",
            "-movflags",
            "+faststart",
        ])
        .args(["-metadata", "creation_time=2026-03-05T04:20:00Z"])
        .args(["-metadata", "title=INVENTED FOR DEMONSTRATION"])
        .arg(target)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let written = fs::metadata(path).is_ok_and(|file| file.len() > 0);
    match (output.status.success(), written) {
        (true, true) => Ok(()),
        (true, false) => Err("it wrote nothing".to_owned()),
        (false, _) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(said
                .lines()
                .next_back()
                .unwrap_or("it failed without a word")
                .to_owned())
        }
    }
}

/// Removes what a failed run left, so that no half a video is collected.
fn discard(path: &Path, folder: &Path) -> Result<(), String> {
    let gone = match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => fs::remove_dir(folder),
    };
    gone.map_err(|error| format!("A half-made video is left at {}: {error}", path.display()))
}

fn missing(why: &str) -> String {
    format!(
        "No video was made, because ffmpeg could not be run ({why}); install ffmpeg to have one"
    )
}
