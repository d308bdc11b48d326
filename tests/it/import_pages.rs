//! What a saved page may look like: other sections and bylines, lists that are missing, empty or elsewhere,
//! other line ends and scripts.

use serde_json::{Value, json};

use crate::harness::{
    Listed, Masthead, Page, Part, Server, Store, headlines, import, list, on_both_databases,
};

on_both_databases!(
    another_section_gives_another_heading,
    two_names_in_a_byline_are_two_contributors,
    an_article_under_two_names_is_the_one_that_another_list_credits_to_one,
    a_name_may_end_in_parentheses,
    a_page_without_any_list_is_one_article,
    each_list_may_be_missing,
    a_list_may_be_empty,
    lists_may_stand_in_another_order,
    line_ends_and_a_byte_order_mark_make_no_difference,
    nepali_text_comes_back_to_the_letter,
    a_line_may_leave_out_its_byline_or_be_glued,
    what_looks_like_markup_is_text,
    the_title_of_the_publication_is_its_desk_and_its_series,
    standard_input_is_read,
    the_same_headline_of_another_day_is_another_article,
);

const ARTICLE: &str = r"
query Article($slug: String!) {
  article(slug: $slug) {
    headline
    slug
    language
    publishedAt
    publishedAtPrecision
    section { slug name }
    bylines { slug name kind }
    body { text blocks { __typename ... on Paragraph { text } } }
    relatedLists { basis title articles(first: 20) { nodes { headline } } }
  }
  latest(first: 100) { totalCount nodes { headline } }
  magazineIssues { totalCount }
}";

fn ask(server: &Server, slug: &str) -> Value {
    server.query(ARTICLE, json!({ "slug": slug }))
}

/// A page with all its lists: seven articles and one issue.
fn whole_page() -> Page {
    Page::new("Ferry Timetable Agreed For Dry Months", "March 5, 2024, 6:30 p.m.")
        .captured_on("2024-03-05")
        .byline_list([
            Listed::new("Old Landing Gets A New Roof", "Mar 4, 2024"),
            Listed::new("Reed Cutters Form A Cooperative", "Mar 2, 2024"),
        ])
        .section(
            "Lake and Shore",
            [
                Listed::by("Reed Cutters Form A Cooperative", "Lakeside Wire Agency", "3 days, 4 hours ago"),
                Listed::by("Heron Colony Counted Again", "Mira Tamang", "5 days, 1 hour ago"),
            ],
        )
        .latest([
            Listed::by("Tea Stall Opens Before Sunrise", "Mira Tamang", "Mar 5, 2024"),
            Listed::by("Choir Looks For Low Voices", "Harbour Post News Desk", "Mar 5, 2024"),
            Listed::by("Kite Makers Share A Workshop", "Hari Gurung", "Mar 4, 2024"),
        ])
        .magazine(["VOL. 4, No. 9, March.1,2024 (Falgun-18. 2080) Publisher and Editor: Sunita Example Online Register Number: EX 12/080-81"])
}

const SLUG: &str = "ferry-timetable-agreed-for-dry-months";

fn another_section_gives_another_heading(store: &Store) {
    import(store, whole_page().text(), &[]).succeeded();
    let answer = ask(&Server::start(store), SLUG);
    let article = &answer["article"];
    assert_eq!(article["publishedAt"], "2024-03-05T12:45:00Z");
    assert_eq!(
        article["section"],
        json!({ "slug": "lake-and-shore", "name": "Lake and Shore" })
    );
    assert_eq!(article["bylines"][0]["kind"], "AGENCY");
    let expected = json!([
        {
            "basis": "BYLINE",
            "title": "Lakeside Wire Agency",
            "articles": { "nodes": [
                { "headline": "Old Landing Gets A New Roof" },
                { "headline": "Reed Cutters Form A Cooperative" },
            ] },
        },
        {
            "basis": "SECTION",
            "title": "More on Lake and Shore",
            "articles": { "nodes": [
                { "headline": "Reed Cutters Form A Cooperative" },
                { "headline": "Heron Colony Counted Again" },
            ] },
        },
    ]);
    assert_eq!(article["relatedLists"], expected);
    assert_eq!(answer["latest"]["totalCount"], 7);
    assert_eq!(answer["magazineIssues"]["totalCount"], 1);
}

fn two_names_in_a_byline_are_two_contributors(store: &Store) {
    let page = whole_page()
        .byline("Mira Tamang and Hari Gurung")
        .byline_list([Listed::new("Two Boats Raced Backwards", "Mar 3, 2024")]);
    import(store, page.text(), &[]).succeeded();
    let answer = ask(&Server::start(store), SLUG);
    let article = &answer["article"];
    let expected = json!([
        { "slug": "mira-tamang", "name": "Mira Tamang", "kind": "PERSON" },
        { "slug": "hari-gurung", "name": "Hari Gurung", "kind": "PERSON" },
    ]);
    assert_eq!(article["bylines"], expected);
    assert_eq!(
        article["relatedLists"][0]["title"],
        "Mira Tamang and Hari Gurung"
    );
    let listed = headlines(article, "/relatedLists/0/articles/nodes");
    // The articles of either name, the newest first.
    let expected = [
        "Tea Stall Opens Before Sunrise",
        "Kite Makers Share A Workshop",
        "Two Boats Raced Backwards",
        "Heron Colony Counted Again",
    ];
    assert_eq!(listed, expected);
}

/// The list under two names holds what either wrote. Where another list prints whose an article is, that is
/// its byline, and it is one article.
fn an_article_under_two_names_is_the_one_that_another_list_credits_to_one(store: &Store) {
    let page = whole_page()
        .byline("Mira Tamang and Hari Gurung")
        .byline_list([Listed::new("Two Boats Raced Backwards", "Mar 3, 2024")])
        .section(
            "Shore",
            [Listed::by(
                "Two Boats Raced Backwards",
                "Mira Tamang",
                "1 day, 22 hours ago",
            )],
        )
        .latest([]);
    import(store, page.text(), &[]).succeeded();
    let answer = Server::start(store).query(
        "{ latest { nodes { headline bylines { name } section { name } } } }",
        json!({}),
    );
    let expected = json!([
        {
            "headline": "Ferry Timetable Agreed For Dry Months",
            "bylines": [{ "name": "Mira Tamang" }, { "name": "Hari Gurung" }],
            "section": { "name": "Shore" },
        },
        {
            "headline": "Two Boats Raced Backwards",
            "bylines": [{ "name": "Mira Tamang" }],
            "section": { "name": "Shore" },
        },
    ]);
    assert_eq!(answer["latest"]["nodes"], expected);
}

fn a_name_may_end_in_parentheses(store: &Store) {
    let page = whole_page().latest([Listed::by(
        "Choir Looks For Low Voices",
        "Shoreline News Agency (SNA)",
        "Mar 5, 2024",
    )]);
    import(store, page.text(), &[]).succeeded();
    let server = Server::start(store);
    let answer = server.query(
        "{ article(slug: \"choir-looks-for-low-voices\") { bylines { name kind } } }",
        json!({}),
    );
    let expected = json!([{ "name": "Shoreline News Agency (SNA)", "kind": "AGENCY" }]);
    assert_eq!(answer["article"]["bylines"], expected);
}

fn a_page_without_any_list_is_one_article(store: &Store) {
    let page = Page::new("A Quiet Day At The Landing", "March 6, 2024, 9:05 a.m.");
    import(store, page.text(), &[]).succeeded();
    let without_byline =
        Page::new("Nobody Signed This Note", "March 6, 2024, 9:06 a.m.").without_byline();
    import(store, without_byline.text(), &[]).succeeded();
    let server = Server::start(store);
    let answer = ask(&server, "a-quiet-day-at-the-landing");
    assert_eq!(
        answer["article"]["bylines"][0]["name"],
        "Lakeside Wire Agency"
    );
    assert_eq!(list(&answer, "/article/body/blocks").len(), 2);
    assert_eq!(answer["article"]["section"], Value::Null);
    assert_eq!(answer["article"]["relatedLists"], json!([]));
    assert_eq!(answer["latest"]["totalCount"], 2);
    assert_eq!(answer["magazineIssues"]["totalCount"], 0);
    let answer = ask(&server, "nobody-signed-this-note");
    assert_eq!(answer["article"]["bylines"], json!([]));
    assert_eq!(list(&answer, "/article/body/blocks").len(), 2);
}

fn each_list_may_be_missing(store: &Store) {
    let whole = whole_page();
    let base = || {
        Page::new(
            "Ferry Timetable Agreed For Dry Months",
            "March 5, 2024, 6:30 p.m.",
        )
        .captured_on("2024-03-05")
    };
    let latest = || {
        [Listed::by(
            "Tea Stall Opens Before Sunrise",
            "Mira Tamang",
            "Mar 5, 2024",
        )]
    };
    let section = || {
        [Listed::by(
            "Heron Colony Counted Again",
            "Mira Tamang",
            "5 days, 1 hour ago",
        )]
    };
    let cases = [
        ("the list under the byline", whole.byline_list([]), 6, 1),
        (
            "'More on'",
            base()
                .latest(latest())
                .magazine(["VOL. 4, No. 9, March.1,2024 (Falgun-18. 2080)"]),
            2,
            1,
        ),
        ("'The Latest'", base().section("Shore", section()), 2, 0),
        (
            "'Latest Magazine'",
            base().section("Shore", section()).latest(latest()),
            3,
            0,
        ),
    ];
    for (missing, page, articles, issues) in cases {
        let store = store.another();
        import(&store, page.text(), &[]).succeeded();
        let answer = ask(&Server::start(&store), SLUG);
        assert_eq!(
            answer["latest"]["totalCount"], articles,
            "without {missing}"
        );
        assert_eq!(
            answer["magazineIssues"]["totalCount"], issues,
            "without {missing}"
        );
        assert_eq!(
            answer["article"]["bylines"][0]["name"], "Lakeside Wire Agency",
            "without {missing}"
        );
        assert_eq!(
            list(&answer, "/article/body/blocks").len(),
            2,
            "without {missing}"
        );
    }
}

fn a_list_may_be_empty(store: &Store) {
    let page = whole_page()
        .byline_list([])
        .section("Shore", [])
        .latest([])
        .magazine(Vec::<String>::new());
    import(store, page.text(), &[]).succeeded();
    let answer = ask(&Server::start(store), SLUG);
    assert_eq!(answer["latest"]["totalCount"], 1);
    assert_eq!(answer["magazineIssues"]["totalCount"], 0);
    assert_eq!(answer["article"]["section"]["name"], "Shore");
    assert_eq!(answer["article"]["relatedLists"], json!([]));
    assert_eq!(list(&answer, "/article/body/blocks").len(), 2);
}

fn lists_may_stand_in_another_order(store: &Store) {
    import(store, whole_page().text(), &[]).succeeded();
    let usual = ask(&Server::start(store), SLUG);
    for order in [
        [Part::Magazine, Part::Latest, Part::Section],
        [Part::Latest, Part::Magazine, Part::Section],
        [Part::Latest, Part::Section, Part::Magazine],
    ] {
        let store = store.another();
        import(&store, whole_page().order(order).text(), &[]).succeeded();
        assert_eq!(ask(&Server::start(&store), SLUG), usual, "{order:?}");
    }
}

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

fn standard_input_is_read(store: &Store) {
    let output = Masthead::new(["import", "-"])
        .on(store)
        .input(whole_page().text())
        .run()
        .succeeded();
    assert_eq!(output.count("articles", "new"), 7);
    assert_eq!(ask(&Server::start(store), SLUG)["latest"]["totalCount"], 7);
}

fn the_same_headline_of_another_day_is_another_article(store: &Store) {
    for day in ["March 5", "March 12", "March 19"] {
        import(
            store,
            Page::new("Notes From The Landing", &format!("{day}, 2024, 7:00 a.m.")).text(),
            &[],
        )
        .succeeded();
    }
    let server = Server::start(store);
    let answer = server.query(
        "{ latest { totalCount nodes { slug publishedAt } } }",
        json!({}),
    );
    let expected = json!({ "totalCount": 3, "nodes": [
        { "slug": "notes-from-the-landing-3", "publishedAt": "2024-03-19T01:15:00Z" },
        { "slug": "notes-from-the-landing-2", "publishedAt": "2024-03-12T01:15:00Z" },
        { "slug": "notes-from-the-landing", "publishedAt": "2024-03-05T01:15:00Z" },
    ] });
    assert_eq!(answer["latest"], expected);
}

fn a_line_may_leave_out_its_byline_or_be_glued(store: &Store) {
    let page = Page::new(
        "Ferry Timetable Agreed For Dry Months",
        "March 5, 2024, 6:30 p.m.",
    )
    .text()
        + "
The Latest

Tea Stall Opens Before Sunrise By Mira TamangMar 5, 2024
Choir Looks For Low VoicesMar 5, 2024
Kite Makers Share A WorkshopBy Hari GurungMar 4, 2024
Heron Colony Counted Again Mar 4, 2024
Two Boats Raced Backwards
By Mira Tamang
Mar 3, 2024
";
    import(store, page, &[]).succeeded();
    let server = Server::start(store);
    let answer = server.query(
        "{ latest { nodes { headline bylines { name } } } }",
        json!({}),
    );
    let line = |headline: &str, names: &[&str]| {
        let bylines: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
        json!({ "headline": headline, "bylines": bylines })
    };
    let expected = [
        line(
            "Ferry Timetable Agreed For Dry Months",
            &["Lakeside Wire Agency"],
        ),
        line("Tea Stall Opens Before Sunrise", &["Mira Tamang"]),
        line("Choir Looks For Low Voices", &[]),
        line("Kite Makers Share A Workshop", &["Hari Gurung"]),
        line("Heron Colony Counted Again", &[]),
        line("Two Boats Raced Backwards", &["Mira Tamang"]),
    ];
    // The page's own is of the same day as the first two: the page does not say where it stands among them.
    let mut found = list(&answer, "/latest/nodes").to_vec();
    found.sort_by_key(|node| expected.iter().position(|line| line == node));
    assert_eq!(found, expected);
    let order: Vec<String> = headlines(&answer, "/latest/nodes")
        .into_iter()
        .filter(|headline| headline != "Ferry Timetable Agreed For Dry Months")
        .collect();
    let printed: Vec<&Value> = expected[1..].iter().map(|line| &line["headline"]).collect();
    assert_eq!(json!(order), json!(printed));
}

fn the_title_of_the_publication_is_its_desk_and_its_series(store: &Store) {
    let page = whole_page().byline("Harbour Post").byline_list([]);
    import(store, page.text(), &["--publication-title", "Harbour Post"]).succeeded();
    let server = Server::start(store);
    let answer = server.query(
        "{ publication { title } contributor(slug: \"harbour-post\") { kind } magazineIssues { nodes { series } } magazineVolumes { nodes { series number } } }",
        json!({}),
    );
    let expected = json!({
        "publication": { "title": "Harbour Post" },
        "contributor": { "kind": "DESK" },
        "magazineIssues": { "nodes": [{ "series": "Harbour Post" }] },
        "magazineVolumes": { "nodes": [{ "series": "Harbour Post", "number": 4 }] },
    });
    assert_eq!(answer, expected);
}
