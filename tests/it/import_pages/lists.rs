//! Lists that are missing, empty or elsewhere, and lines of them that leave something out.

use serde_json::{Value, json};

use super::{SLUG, ask, whole_page};
use crate::harness::{
    Listed, Page, Part, Server, Store, headlines, import, list, on_both_databases,
};

on_both_databases!(
    a_page_without_any_list_is_one_article,
    each_list_may_be_missing,
    a_list_may_be_empty,
    lists_may_stand_in_another_order,
    a_line_may_leave_out_its_byline_or_be_glued,
);

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
