//! What formats say of a picture beside what the domain knows of it.

use masthead_domain::image::Image;

/// The media type that the name of a picture's file tells of; none where it tells of none.
pub(crate) fn media_type(image: &Image) -> Option<&'static str> {
    let path = image.url.as_str().split(['?', '#']).next()?;
    let (_, name) = path.rsplit_once('/')?;
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}
