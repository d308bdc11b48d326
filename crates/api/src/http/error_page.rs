//! `/errors`: the table of error codes as a page, to which the `type` of problem documents leads.

use std::fmt::Write;

use axum::response::{Html, IntoResponse, Response};

use crate::error_code::ErrorCode;

pub(crate) async fn show() -> Response {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Error codes</title>\
         <h1>Error codes</h1><p>A code stands in <code>extensions.code</code> of a GraphQL error and \
         in <code>code</code> of a problem document (RFC 9457).</p><dl>",
    );
    for code in ErrorCode::ALL {
        // Writing to a string does not fail.
        let _ = write!(
            page,
            "<dt id=\"{id}\"><code>{id}</code> ({status}) {title}</dt><dd>{description}</dd>",
            id = code.as_str(),
            status = code.status().as_u16(),
            title = code.title(),
            description = code.description(),
        );
    }
    page.push_str("</dl></html>");
    Html(page).into_response()
}
