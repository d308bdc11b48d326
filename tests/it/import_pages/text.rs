//! Other line ends and scripts, and text that looks like markup.

use serde_json::{Value, json};

use super::{SLUG, ask, whole_page};
use crate::harness::{Listed, Page, Server, Store, import, list, on_both_databases};

on_both_databases!(
    line_ends_and_a_byte_order_mark_make_no_difference,
    nepali_text_comes_back_to_the_letter,
    what_looks_like_markup_is_text,
);

fn line_ends_and_a_byte_order_mark_make_no_difference(store: &Store) {
    let text = whole_page().text();
    import(store, &text, &[]).succeeded();
    let usual = ask(&Server::start(store), SLUG);
    for (name, written) in [
        ("CRLF", text.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("blanks at the ends of lines", text.replace('\n', "  \n")),
    ] {
        let other = store.another();
        import(&other, &written, &[]).succeeded();
        assert_eq!(ask(&Server::start(&other), SLUG), usual, "{name}");
        // It is the same page, too, where the other one is known.
        let again = import(store, &written, &[]).succeeded();
        assert!(again.out.contains("Nothing changed."), "{name}: {again:#?}");
    }
}

fn nepali_text_comes_back_to_the_letter(store: &Store) {
    let paragraphs = [
        "तालको किनारमा बिहानै डुङ्गा लाग्छ। माझीहरू गीत गाउँदै जाल सुकाउँछन्।",
        "चिया पसलमा दिनभर भीड हुन्छ।",
    ];
    let page = Page::new("तालको डुङ्गा र माझीको गीत", "March 5, 2024, 6:30 p.m.")
        .byline("सीता तामाङ")
        .paragraphs(&paragraphs)
        .byline_list([Listed::new("चिया पसलको बिहान", "Mar 4, 2024")])
        .section(
            "समाज",
            [Listed::by(
                "पुरानो घाटमा नयाँ छानो",
                "सीता तामाङ",
                "2 days, 3 hours ago",
            )],
        );
    import(store, page.text(), &[]).succeeded();
    let server = Server::start(store);
    let answer = server.query(
        "{ articles(order: NEWEST_FIRST, first: 1) { nodes { slug headline } } }",
        json!({}),
    );
    let slug = answer["articles"]["nodes"][0]["slug"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = ask(&server, &slug);
    let article = &answer["article"];
    assert_eq!(article["headline"], "तालको डुङ्गा र माझीको गीत");
    assert_eq!(article["language"], "ne");
    assert_eq!(article["bylines"][0]["name"], "सीता तामाङ");
    assert_eq!(article["bylines"][0]["kind"], "PERSON");
    assert_eq!(article["section"]["name"], "समाज");
    assert_eq!(article["relatedLists"][1]["title"], "More on समाज");
    let blocks: Vec<&str> = list(article, "/body/blocks")
        .iter()
        .map(|block| block["text"].as_str().unwrap())
        .collect();
    assert_eq!(blocks, paragraphs);
    assert_eq!(answer["latest"]["totalCount"], 3);
}

fn what_looks_like_markup_is_text(store: &Store) {
    let paragraphs = [
        "The sign said <b>no swimming</b> & meant it, although \"nobody\" had asked for *stars* around the word.",
        "1. This paragraph begins with a figure and is no list, and [this](is no link) either.",
        "# A line like this one is what a ferryman writes on his slate before the day's first crossing.",
    ];
    let page = Page::new(
        "Signs <i>Along</i> The Shore & What They Say",
        "March 5, 2024, 6:30 p.m.",
    )
    .paragraphs(&paragraphs);
    import(store, page.text(), &[]).succeeded();
    let server = Server::start(store);
    let document = "{ latest { nodes { headline body { html text blocks { __typename ... on Paragraph { text html } } } } } }";
    let answer = server.query(document, json!({}));
    let article = &answer["latest"]["nodes"][0];
    assert_eq!(
        article["headline"],
        "Signs <i>Along</i> The Shore & What They Say"
    );
    let blocks: Vec<&Value> = list(article, "/body/blocks")
        .iter()
        .map(|block| &block["text"])
        .collect();
    assert_eq!(blocks, paragraphs);
    let html = article["body"]["html"].as_str().unwrap();
    assert!(
        html.contains("&lt;b&gt;no swimming&lt;/b&gt; &amp; meant"),
        "{html}"
    );
    assert!(
        !html.contains("<b>") && !html.contains("<em>") && !html.contains("<ol"),
        "{html}"
    );
}
