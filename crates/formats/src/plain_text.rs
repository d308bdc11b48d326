//! Reads plain text.

use masthead_domain::body::{Block, Body, ContentBuilder, Marks, Paragraph};

/// Reads plain text as a body of paragraphs.
///
/// One empty line or more stands between two paragraphs; a single line ending (LF, CR LF or CR) is a
/// space. Nothing in the text is markup: `<b>` comes back as these three characters.
pub fn read(text: &str) -> Body {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut blocks = Vec::new();
    let mut content = ContentBuilder::new();
    for line in text.split('\n') {
        if line.trim().is_empty() {
            blocks.push(paragraph(&mut content));
        } else {
            content.push_text(line, &Marks::default());
            content.push_text(" ", &Marks::default());
        }
    }
    blocks.push(paragraph(&mut content));
    Body::new(blocks)
}

fn paragraph(content: &mut ContentBuilder) -> Block {
    Block::Paragraph(Paragraph {
        content: content.take(),
    })
}

#[cfg(test)]
mod tests {
    use masthead_domain::reading::word_count;
    use proptest::prelude::*;

    use super::read;

    #[test]
    fn empty_lines_separate_paragraphs() {
        for (given, html) in [
            ("", ""),
            (" \r\n\t\r\n", ""),
            (
                "One\r\ntwo\r\n\r\n \t\r\n three  four\rfive",
                "<p>One two</p>\n<p>three four five</p>",
            ),
            (
                "पहिलो\nअनुच्छेद।\n\nदोस्रो",
                "<p>पहिलो अनुच्छेद।</p>\n<p>दोस्रो</p>",
            ),
            (
                "a <b>c</b> & *d*",
                "<p>a &lt;b&gt;c&lt;/b&gt; &amp; *d*</p>",
            ),
        ] {
            assert_eq!(read(given).html(), html, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in prop_oneof![any::<String>(), "[a-z<>&\u{905}-\u{94d}\u{200d} \r\n\0-]{0,80}"]) {
            let body = read(&text);
            prop_assert_eq!(body.word_count(), word_count(&text));
            prop_assert_eq!(read(&body.text()), body);
        }
    }
}
