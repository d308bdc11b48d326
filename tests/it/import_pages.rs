//! What a saved page may look like: other sections and bylines, lists that are missing, empty or elsewhere,
//! other line ends and scripts.

mod lists;
mod text;

use serde_json::{Value, json};

use crate::harness::{Listed, Masthead, Page, Server, Store, headlines, import, on_both_databases};

on_both_databases!(
    another_section_gives_another_heading,
    two_names_in_a_byline_are_two_contributors,
    an_article_under_two_names_is_the_one_that_another_list_credits_to_one,
    a_name_may_end_in_parentheses,
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
