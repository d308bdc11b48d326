#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::json;

use super::*;
use crate::image::Image;
use crate::web_url::{LinkTarget, WebUrl};

fn text(text: &str) -> Inline {
    Inline::Text(text.to_owned())
}

fn strong(content: Vec<Inline>) -> Inline {
    Inline::Strong(content)
}

fn emphasis(content: Vec<Inline>) -> Inline {
    Inline::Emphasis(content)
}

fn link(target: &str, content: Vec<Inline>) -> Inline {
    Inline::Link(Link {
        target: LinkTarget::parse(target).unwrap(),
        content,
    })
}

fn paragraph(content: Vec<Inline>) -> Block {
    Block::Paragraph(Paragraph { content })
}

fn one(block: Block) -> Body {
    Body::new(vec![block])
}

fn sample() -> Body {
    Body::new(vec![
        Block::Heading(Heading {
            level: HeadingLevel::nearest(2),
            content: vec![text("What the river left")],
        }),
        paragraph(vec![
            text("Plain & "),
            strong(vec![text("strong, "), emphasis(vec![text("both")])]),
            Inline::LineBreak,
            link("https://example.org/a?b=1&c=2", vec![text("linked")]),
            text(" "),
            Inline::Code("a  <b>".into()),
            text("."),
        ]),
        Block::Quotation(Quotation {
            paragraphs: vec![vec![text("We saw it.")], vec![text("Then it went.")]],
            attribution: Some("A farmer".into()),
        }),
        Block::List(List {
            ordered: true,
            items: vec![
                vec![text("First")],
                vec![text("Second"), Inline::LineBreak, text("line")],
            ],
        }),
        Block::Picture(Picture {
            image: Image {
                alt: Some("A \"bridge\"".into()),
                caption: Some("The bridge".into()),
                credit: Some("R. Lama".into()),
                width: Some(640),
                height: Some(480),
                ..Image::new(WebUrl::parse("https://example.org/bridge.jpg").unwrap())
            },
        }),
        Block::Embed(Embed {
            url: WebUrl::parse("https://www.youtube.com/watch?v=abc").unwrap(),
            provider: Some("YouTube".into()),
        }),
    ])
}

/// Bodies in databases look like this. It may gain fields; what is here is decoded for ever.
#[test]
fn the_stored_form_is_decoded_for_ever() {
    let stored = json!({"blocks": [
        {"heading": {"level": 2, "content": [{"text": "What the river left"}]}},
        {"paragraph": {"content": [
            {"text": "Plain & "},
            {"strong": [{"text": "strong, "}, {"emphasis": [{"text": "both"}]}]},
            "line_break",
            {"link": {"target": "https://example.org/a?b=1&c=2", "content": [{"text": "linked"}]}},
            {"text": " "},
            {"code": "a  <b>"},
            {"text": "."}
        ]}},
        {"quotation": {
            "paragraphs": [[{"text": "We saw it."}], [{"text": "Then it went."}]],
            "attribution": "A farmer"
        }},
        {"list": {"ordered": true, "items": [
            [{"text": "First"}], [{"text": "Second"}, "line_break", {"text": "line"}]
        ]}},
        {"picture": {"image": {
            "url": "https://example.org/bridge.jpg", "alt": "A \"bridge\"",
            "caption": "The bridge", "credit": "R. Lama", "width": 640, "height": 480
        }}},
        {"embed": {"url": "https://www.youtube.com/watch?v=abc", "provider": "YouTube"}}
    ]});
    assert_eq!(
        serde_json::from_value::<Body>(stored.clone()).unwrap(),
        sample()
    );
    assert_eq!(serde_json::to_value(sample()).unwrap(), stored);

    let shortest = r#"{"blocks":[{"quotation":{"paragraphs":[[{"text":"a"}]]}},{"picture":{"image":{"url":"https://example.org/a"}}},{"embed":{"url":"https://example.org/"}}]}"#;
    let body: Body = serde_json::from_str(shortest).unwrap();
    assert_eq!(serde_json::to_string(&body).unwrap(), shortest);
    assert_eq!(serde_json::from_str::<Body>("{}").unwrap(), Body::default());
    assert_eq!(
        serde_json::to_string(&Body::default()).unwrap(),
        r#"{"blocks":[]}"#
    );
}

#[test]
fn an_address_is_checked_when_it_is_decoded() {
    for stored in [
        json!({"blocks": [{"embed": {"url": "javascript:alert(1)"}}]}),
        json!({"blocks": [{"picture": {"image": {"url": "data:image/svg+xml,x"}}}]}),
        json!({"blocks": [{"paragraph": {"content": [
            {"link": {"target": "vbscript:x", "content": [{"text": "a"}]}}
        ]}}]}),
    ] {
        assert!(
            serde_json::from_value::<Body>(stored.clone()).is_err(),
            "{stored}"
        );
    }
}

#[test]
fn html_is_escaped_and_complete() {
    assert_eq!(
        sample().html(),
        concat!(
            "<h2>What the river left</h2>\n",
            "<p>Plain &amp; <strong>strong, <em>both</em></strong><br>",
            "<a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"nofollow noopener\">linked</a> ",
            "<code>a  &lt;b&gt;</code>.</p>\n",
            "<figure><blockquote><p>We saw it.</p><p>Then it went.</p></blockquote>",
            "<figcaption>— A farmer</figcaption></figure>\n",
            "<ol><li>First</li><li>Second<br>line</li></ol>\n",
            "<figure><img src=\"https://example.org/bridge.jpg\" alt=\"A &quot;bridge&quot;\" ",
            "width=\"640\" height=\"480\">",
            "<figcaption>The bridge <small>R. Lama</small></figcaption></figure>\n",
            "<figure><a href=\"https://www.youtube.com/watch?v=abc\" rel=\"nofollow noopener\">",
            "YouTube</a></figure>",
        )
    );
    let hostile = one(paragraph(vec![text("</p><script>alert('1')</script>&lt;")]));
    assert_eq!(
        hostile.html(),
        "<p>&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;lt;</p>"
    );
    let near = one(paragraph(vec![
        link("#a", vec![text("a")]),
        link("tel:1", vec![text("b")]),
    ]));
    assert_eq!(
        near.html(),
        "<p><a href=\"#a\">a</a><a href=\"tel:1\">b</a></p>"
    );
}

#[test]
fn text_has_every_word_on_its_line() {
    assert_eq!(
        sample().text(),
        "What the river left\n\nPlain & strong, both\nlinked a  <b>.\n\n\
         We saw it.\n\nThen it went.\n\n— A farmer\n\nFirst\nSecond\nline\n\n\
         The bridge (R. Lama)\n\nhttps://www.youtube.com/watch?v=abc"
    );
}

#[test]
fn markdown_is_what_an_author_would_write() {
    assert_eq!(
        sample().markdown(),
        concat!(
            "## What the river left\n\n",
            "Plain & **strong, _both_**\\\n[linked](https://example.org/a?b=1&c=2) `a  <b>`.\n\n",
            "> We saw it.\n>\n> Then it went.\n>\n> — A farmer\n\n",
            "1. First\n2. Second\\\n   line\n\n",
            "![A \"bridge\"](https://example.org/bridge.jpg \"The bridge (R. Lama)\")\n\n",
            "<https://www.youtube.com/watch?v=abc>",
        )
    );
}

#[test]
fn markdown_escapes_only_what_would_be_markup() {
    for (content, markdown) in [
        (
            vec![text("Q&A at AT&T: 5 - 3 = 2! (see 1.)")],
            "Q&A at AT&T: 5 - 3 = 2! (see 1.)",
        ),
        (vec![text("- no list")], "\\- no list"),
        (vec![text("12. no list")], "12\\. no list"),
        (
            vec![text("# *a* [b](c) <d> &amp; `e`")],
            "\\# \\*a\\* \\[b\\](c) \\<d\\> \\&amp; \\`e\\`",
        ),
        (
            vec![text("a"), Inline::LineBreak, text("--- b")],
            "a\\\n\\--- b",
        ),
        (
            vec![text("wow!"), link("#a", vec![text("b")])],
            "wow\\![b](#a)",
        ),
        (vec![strong(vec![text("नेपाल")]), text("को")], "**नेपाल**को"),
        (
            vec![strong(vec![text("Note:")]), text("text")],
            "**Note:**&#116;ext",
        ),
        (
            vec![text("un"), emphasis(vec![text("true")])],
            "u&#110;_true_",
        ),
        (vec![Inline::Code("a`b``".into())], "``` a`b`` ```"),
        (vec![link("/a(b)", vec![text("c")])], "[c](/a\\(b\\))"),
    ] {
        assert_eq!(one(paragraph(content)).markdown(), markdown);
    }
}

#[test]
fn neighbouring_lists_stay_apart_in_markdown() {
    let list = |ordered, item| {
        Block::List(List {
            ordered,
            items: vec![vec![text(item)]],
        })
    };
    let body = Body::new(vec![
        list(false, "a"),
        list(false, "b"),
        list(false, "c"),
        list(true, "d"),
        list(true, "e"),
    ]);
    assert_eq!(body.markdown(), "- a\n\n* b\n\n- c\n\n1. d\n\n1) e");
}

#[test]
fn every_body_has_the_normal_form() {
    for (given, kept) in [
        (vec![text("  a \t\n b\u{0}c\u{2028} ")], vec![text("a b c")]),
        (
            vec![text("a"), strong(vec![text(" b ")]), text("c")],
            vec![text("a "), strong(vec![text("b")]), text(" c")],
        ),
        (
            vec![strong(vec![text("a")]), text(" "), strong(vec![text("b")])],
            vec![strong(vec![text("a b")])],
        ),
        (
            vec![strong(vec![text("a")]), strong(vec![text("b")])],
            vec![strong(vec![text("ab")])],
        ),
        (
            vec![emphasis(vec![strong(vec![emphasis(vec![text("a")])])])],
            vec![strong(vec![emphasis(vec![text("a")])])],
        ),
        (
            vec![link("#a", vec![text("b"), link("#c", vec![text("d")])])],
            vec![link("#a", vec![text("bd")])],
        ),
        (
            vec![
                Inline::LineBreak,
                text("a"),
                Inline::LineBreak,
                Inline::LineBreak,
            ],
            vec![text("a")],
        ),
        (
            vec![text("a"), strong(vec![Inline::LineBreak]), text("b")],
            vec![text("a"), Inline::LineBreak, text("b")],
        ),
        (vec![text("\u{a0}a\u{a0}b\u{a0}")], vec![text("a\u{a0}b")]),
        (
            vec![Inline::Code(" a\nb ".into())],
            vec![Inline::Code(" a b ".into())],
        ),
    ] {
        assert_eq!(
            one(paragraph(given)),
            Body {
                blocks: vec![paragraph(kept)]
            }
        );
    }
    for nothing in [
        paragraph(vec![
            text("\u{a0} "),
            strong(vec![]),
            Inline::Code(" ".into()),
        ]),
        Block::List(List {
            ordered: true,
            items: vec![vec![]],
        }),
        Block::Quotation(Quotation {
            paragraphs: vec![],
            attribution: Some(" ".into()),
        }),
    ] {
        assert!(one(nothing).is_empty());
    }
    assert_eq!(HeadingLevel::nearest(0).get(), 2);
    assert_eq!(HeadingLevel::nearest(9).get(), 6);
    assert_eq!(
        one(sample().blocks()[1].clone()).blocks(),
        &sample().blocks()[1..2]
    );
}

#[test]
fn words_of_the_running_text_are_counted() {
    // 4 + 6 + 8 + 3 + 4, and none of the film's address.
    assert_eq!(sample().word_count(), 25);
    assert_eq!(sample().reading_minutes(), 1);
    assert_eq!(Body::default().reading_minutes(), 0);
    let blocks: Vec<_> = sample().blocks().iter().map(Block::text).collect();
    assert_eq!(blocks.join("\n\n"), sample().text());
}
