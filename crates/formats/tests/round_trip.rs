//! A body written as Markdown or HTML and read again is the same body.
//!
//! What is not kept, and so not generated here: in Markdown a picture's size, and its credit apart from
//! the caption, and the name of an embed's provider (an embed of an unknown site comes back as a
//! paragraph with a link); in both, that the last of a quotation's paragraphs is no attribution though
//! it begins with a dash, and that a paragraph of nothing but a film's address is no embed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use masthead_domain::body::{
    Block, Body, Embed, Heading, HeadingLevel, Inline, Link, List, Paragraph, Picture, Quotation,
};
use masthead_domain::image::Image;
use masthead_domain::web_url::{LinkTarget, WebUrl};
use masthead_formats::{html, markdown, plain_text};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn markdown_comes_back(body in body(Just(None).boxed())) {
        let written = body.markdown();
        prop_assert_eq!(markdown::read(&written).text(), body.text(), "{:?}", &written);
        prop_assert_eq!(markdown::read(&written), body, "{:?}", &written);
    }

    #[test]
    fn html_comes_back(body in body(prop::option::of(line()).boxed())) {
        let written = body.html();
        prop_assert_eq!(html::read(&written), body, "{}", &written);
    }

    #[test]
    fn text_that_looks_like_markup_comes_back(text in "[ -~\n\u{905}-\u{92b}]{0,60}") {
        let body = plain_text::read(&text);
        let written = body.markdown();
        prop_assert_eq!(markdown::read(&written), body, "{:?}", &written);
    }

    #[test]
    fn json_comes_back(body in body(prop::option::of(line()).boxed())) {
        let json = serde_json::to_string(&body).unwrap();
        prop_assert_eq!(serde_json::from_str::<Body>(&json).unwrap(), body);
    }
}

fn body(credit: BoxedStrategy<Option<String>>) -> impl Strategy<Value = Body> {
    prop::collection::vec(block(credit), 0..5).prop_map(Body::new)
}

fn block(credit: BoxedStrategy<Option<String>>) -> impl Strategy<Value = Block> {
    let contents = || prop::collection::vec(content(), 1..4);
    prop_oneof![
        4 => content().prop_map(|content| Block::Paragraph(Paragraph { content })),
        1 => (2..=6_u8, content()).prop_map(|(level, content)| {
            Block::Heading(Heading { level: HeadingLevel::nearest(level), content })
        }),
        1 => (contents(), prop::option::of(line())).prop_map(|(paragraphs, attribution)| {
            Block::Quotation(Quotation { paragraphs, attribution })
        }),
        2 => (any::<bool>(), contents()).prop_map(|(ordered, items)| Block::List(List { ordered, items })),
        1 => (prop::option::of(line()), prop::option::of(line()), credit).prop_map(|(alt, caption, credit)| {
            let url = WebUrl::parse("https://example.org/a_(1).jpg?b=1&copy;=2*").unwrap();
            Block::Picture(Picture { image: Image { alt, caption, credit, ..Image::new(url) } })
        }),
        1 => Just(Block::Embed(Embed {
            url: WebUrl::parse("https://www.youtube.com/watch?v=a_b*c_&amp;=1").unwrap(),
            provider: Some("YouTube".to_owned()),
        })),
    ]
}

fn content() -> impl Strategy<Value = Vec<Inline>> {
    let targets = prop::sample::select(vec![
        "https://example.org/a(b)c_d*e?f=[g]&copy;=!#h'i",
        "mailto:desk@example.org?subject=a&amp;b",
        "tel:+977-1",
        "#place",
        "/a/(b",
    ]);
    let leaf = prop_oneof![
        6 => text().prop_map(Inline::Text),
        1 => "[a-z`<> *\\\\_&;]{1,6}".prop_map(Inline::Code),
        1 => Just(Inline::LineBreak),
    ];
    let inline = leaf.prop_recursive(3, 12, 4, move |inner| {
        let inner = prop::collection::vec(inner, 0..4);
        prop_oneof![
            inner.clone().prop_map(Inline::Emphasis),
            inner.clone().prop_map(Inline::Strong),
            (targets.clone(), inner).prop_map(|(target, content)| {
                Inline::Link(Link {
                    target: LinkTarget::parse(target).unwrap(),
                    content,
                })
            }),
        ]
    });
    prop::collection::vec(inline, 0..5)
}

/// Letters, marks, digits, spaces of several kinds, symbols, and all that means something in Markdown.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c1 ]{1,5}",
        "[a1. )(*_`~#!\\[\\]<>&;|:=+\"'\\\\-]{1,8}",
        "[a \u{a0}\u{3000}\u{915}\u{94d}\u{93e}\u{964}\u{200d}\u{2026}\u{2013}\u{e9}\u{20ac}\u{1f642}]{1,5}",
        prop::sample::select(vec![
            "1. ", "- ", "&amp;", "---", "<b>", "](", "![", "```", "> "
        ])
        .prop_map(str::to_owned),
    ]
}

fn line() -> impl Strategy<Value = String> {
    text()
}
