//! The lists that an article page shows beside the article.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{
    Listed, Masthead, Page, Server, Store, headlines, import, list, on_both_databases,
};

on_both_databases!(
    no_list_holds_the_article_itself_or_is_empty,
    each_entry_says_why_it_stands_there,
    distinct_lists_repeat_nothing,
    distinct_lists_repeat_nothing_over_their_further_pages,
    one_list_is_one_basis,
    a_list_is_the_same_however_it_is_read,
);

/// Every article of the sample magazine with its lists, whole.
fn sample(server: &Server, distinct: bool) -> Vec<Value> {
    let document = format!(
        "query($slug: String!) {{ article(slug: $slug) {{
           id section {{ id name }} bylines {{ id name }} topics {{ id name }}
           relatedLists(distinct: {distinct}) {{ basis title articles(first: 50) {{
             totalCount pageInfo {{ hasNextPage hasPreviousPage }}
             edges {{ reasons node {{ id publishedAt section {{ id name }} bylines {{ id name }} topics {{ id name }} }} }} }} }} }} }}"
    );
    let slugs = server.query("{ latest(first: 100) { nodes { slug } } }", json!({}));
    list(&slugs, "/latest/nodes")
        .iter()
        .map(|node| server.query(&document, json!({ "slug": node["slug"] }))["article"].clone())
        .collect()
}

/// The names under which an article is filed on a basis.
fn names(article: &Value, basis: &Value) -> Vec<String> {
    let of = |one: &Value| one["name"].as_str().unwrap().to_owned();
    match basis.as_str().unwrap() {
        "BYLINE" => list(article, "/bylines").iter().map(of).collect(),
        "SECTION" => article["section"]
            .as_object()
            .iter()
            .map(|_| of(&article["section"]))
            .collect(),
        "TOPIC" => list(article, "/topics").iter().map(of).collect(),
        other => panic!("an unknown basis: {other}"),
    }
}

fn no_list_holds_the_article_itself_or_is_empty(store: &Store) {
    let server = Server::with_sample_content(store);
    let articles = sample(&server, false);
    assert_eq!(articles.len(), 44);
    let mut bases = HashSet::new();
    for article in &articles {
        let lists = list(article, "/relatedLists");
        let order: Vec<usize> = lists
            .iter()
            .map(|related| {
                ["BYLINE", "SECTION", "TOPIC"]
                    .iter()
                    .position(|basis| related["basis"] == *basis)
                    .unwrap()
            })
            .collect();
        assert!(order.is_sorted_by(|one, other| one < other), "{order:?}");
        bases.extend(order);
        for basis in ["BYLINE", "SECTION", "TOPIC"] {
            let filed = names(article, &json!(basis));
            let expected: HashSet<&Value> = articles
                .iter()
                .filter(|other| {
                    other["id"] != article["id"]
                        && names(other, &json!(basis))
                            .iter()
                            .any(|name| filed.contains(name))
                })
                .map(|other| &other["id"])
                .collect();
            let related = lists.iter().find(|related| related["basis"] == basis);
            assert_eq!(
                related.is_some(),
                !expected.is_empty(),
                "an empty list is left out, and no other: {basis} of {article}"
            );
            let Some(related) = related else { continue };
            let edges = list(related, "/articles/edges");
            let found: HashSet<&Value> = edges.iter().map(|edge| &edge["node"]["id"]).collect();
            assert_eq!(found, expected, "{basis} of {}", article["id"]);
            assert_eq!(found.len(), edges.len(), "an article twice");
            assert_eq!(related["articles"]["totalCount"], edges.len());
            let newest_first = edges.is_sorted_by(|one, other| {
                one["node"]["publishedAt"].as_str() >= other["node"]["publishedAt"].as_str()
            });
            assert!(newest_first, "{related:#}");
        }
    }
    assert_eq!(bases.len(), 3, "the sample has all kinds of lists");
}

fn each_entry_says_why_it_stands_there(store: &Store) {
    let server = Server::with_sample_content(store);
    let articles = sample(&server, false);
    let mut reasons_at_most = 0;
    for article in &articles {
        for related in list(article, "/relatedLists") {
            let filed = names(article, &related["basis"]);
            let (word, heading) = match related["basis"].as_str().unwrap() {
                "BYLINE" => ("Same byline", None),
                "SECTION" => ("Same section", Some(format!("More on {}", filed[0]))),
                _ => ("Same topic", None),
            };
            let title = related["title"].as_str().unwrap();
            assert!(
                filed.iter().all(|name| title.contains(name)),
                "'{title}' of {filed:?}"
            );
            assert!(heading.is_none_or(|heading| heading == title), "'{title}'");
            for edge in list(related, "/articles/edges") {
                let shared: Vec<String> = names(&edge["node"], &related["basis"]);
                let expected: Vec<String> = filed
                    .iter()
                    .filter(|name| shared.contains(name))
                    .map(|name| format!("{word}: {name}"))
                    .collect();
                assert_eq!(edge["reasons"], json!(expected));
                reasons_at_most = reasons_at_most.max(expected.len());
            }
        }
    }
    assert!(
        reasons_at_most > 1,
        "the sample has articles that share two names or topics"
    );
}

fn distinct_lists_repeat_nothing(store: &Store) {
    let server = Server::with_sample_content(store);
    let (usual, distinct) = (sample(&server, false), sample(&server, true));
    let mut repeated = 0;
    for (usual, distinct) in usual.iter().zip(&distinct) {
        let all = |article: &Value| -> Vec<String> {
            list(article, "/relatedLists")
                .iter()
                .flat_map(|related| list(related, "/articles/edges"))
                .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned())
                .collect()
        };
        let (everything, shown) = (all(usual), all(distinct));
        let unique: HashSet<&String> = shown.iter().collect();
        assert_eq!(unique.len(), shown.len(), "an article stands in two lists");
        assert!(
            !unique.contains(&usual["id"].as_str().unwrap().to_owned()),
            "the article itself"
        );
        // Whole lists were asked for: nothing is lost, either.
        assert_eq!(unique, everything.iter().collect::<HashSet<_>>());
        repeated += everything.len() - shown.len();
        for related in list(distinct, "/relatedLists") {
            let edges = list(related, "/articles/edges");
            assert!(!edges.is_empty());
            assert_eq!(
                related["articles"]["totalCount"],
                edges.len(),
                "{}",
                related["title"]
            );
            assert_eq!(
                related["articles"]["pageInfo"],
                json!({ "hasNextPage": false, "hasPreviousPage": false })
            );
        }
    }
    assert!(repeated > 0, "the usual lists do repeat articles");
}

/// What the lists of one article show at first, and then on their further pages, has nothing twice.
fn distinct_lists_repeat_nothing_over_their_further_pages(store: &Store) {
    let server = Server::with_sample_content(store);
    let selection = "articles(first: 2, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage } }";
    let document = format!(
        "query($slug: String!, $after: String) {{ article(slug: $slug) {{ id relatedLists(distinct: true) {{ basis {selection} }} }} }}"
    );
    let slugs = server.query("{ latest(first: 12) { nodes { slug } } }", json!({}));
    for node in list(&slugs, "/latest/nodes") {
        let slug = &node["slug"];
        let first = server.query(&document, json!({ "slug": slug }))["article"].clone();
        let shown: Vec<String> = list(&first, "/relatedLists")
            .iter()
            .flat_map(|related| list(related, "/articles/edges"))
            .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned())
            .collect();
        let unique: HashSet<&String> = shown.iter().collect();
        assert_eq!(
            unique.len(),
            shown.len(),
            "{slug}: an article stands in two lists"
        );
        for related in list(&first, "/relatedLists") {
            let (basis, mut page) = (&related["basis"], related["articles"].clone());
            let mut seen: Vec<String> = Vec::new();
            loop {
                let edges = list(&page, "/edges");
                seen.extend(
                    edges
                        .iter()
                        .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()),
                );
                assert!(seen.len() < 44, "{slug}: the list does not come to an end");
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                let after = edges
                    .last()
                    .expect("a page that has more after it")
                    .get("cursor")
                    .cloned();
                let next = server.query(&document, json!({ "slug": slug, "after": after }));
                let next = list(&next, "/article/relatedLists")
                    .iter()
                    .find(|other| &other["basis"] == basis)
                    .cloned();
                page = next.unwrap_or_else(|| {
                    panic!("{slug}: the list on {basis} is gone on its next page")
                })["articles"]
                    .clone();
            }
            let own: HashSet<&String> = seen.iter().collect();
            assert_eq!(
                own.len(),
                seen.len(),
                "{slug}, {basis}: an article twice in its list"
            );
            assert!(
                !seen.contains(&first["id"].as_str().unwrap().to_owned()),
                "{slug}, {basis}: the article itself"
            );
            // Of what the other lists show in the first answer, nothing comes again on a further page of this one,
            // if they stand above it.
            let above = list(&first, "/relatedLists")
                .iter()
                .take_while(|other| &other["basis"] != basis);
            for other in above.flat_map(|other| list(other, "/articles/edges")) {
                assert!(
                    !seen.contains(&other["node"]["id"].as_str().unwrap().to_owned()),
                    "{slug}, {basis}: {other} again"
                );
            }
        }
    }
}

fn one_list_is_one_basis(store: &Store) {
    let page = Page::new("Harbour Clock Runs Again", "March 5, 2024, 6:30 p.m.")
        .byline("Mira Tamang")
        .byline_list([
            Listed::new("Old Landing Gets A New Roof", "Mar 4, 2024"),
            Listed::new("Reed Cutters Form A Cooperative", "Mar 2, 2024"),
        ])
        .section(
            "Shore",
            [Listed::by(
                "Heron Colony Counted Again",
                "Hari Gurung",
                "Mar 1, 2024",
            )],
        );
    import(store, page.text(), &[]).succeeded();
    let server = Server::start(store);
    let document = "query($basis: RelatedBasis!, $first: Int, $after: String, $last: Int, $before: String) {
       article(slug: \"harbour-clock-runs-again\") {
         relatedArticles(basis: $basis, first: $first, after: $after, last: $last, before: $before) {
           totalCount nodes { headline } edges { cursor reasons } pageInfo { hasNextPage hasPreviousPage } } } }";
    let ask =
        |variables: Value| server.query(document, variables)["article"]["relatedArticles"].clone();
    let byline = ask(json!({ "basis": "BYLINE" }));
    assert_eq!(
        headlines(&byline, "/nodes"),
        [
            "Old Landing Gets A New Roof",
            "Reed Cutters Form A Cooperative"
        ]
    );
    assert_eq!(byline["totalCount"], 2);
    assert_eq!(
        byline["edges"][0]["reasons"],
        json!(["Same byline: Mira Tamang"])
    );
    let section = ask(json!({ "basis": "SECTION" }));
    assert_eq!(
        headlines(&section, "/nodes"),
        ["Heron Colony Counted Again"]
    );
    assert_eq!(
        section["edges"][0]["reasons"],
        json!(["Same section: Shore"])
    );
    let topic = ask(json!({ "basis": "TOPIC" }));
    assert_eq!(
        (&topic["totalCount"], &topic["nodes"]),
        (&json!(0), &json!([]))
    );

    let first = ask(json!({ "basis": "BYLINE", "first": 1 }));
    assert_eq!(
        first["pageInfo"],
        json!({ "hasNextPage": true, "hasPreviousPage": false })
    );
    let second =
        ask(json!({ "basis": "BYLINE", "first": 1, "after": first["edges"][0]["cursor"] }));
    assert_eq!(
        headlines(&second, "/nodes"),
        ["Reed Cutters Form A Cooperative"]
    );
    assert_eq!(
        second["pageInfo"],
        json!({ "hasNextPage": false, "hasPreviousPage": true })
    );
    let back = ask(json!({ "basis": "BYLINE", "last": 1, "before": second["edges"][0]["cursor"] }));
    assert_eq!(headlines(&back, "/nodes"), ["Old Landing Gets A New Roof"]);
    assert_eq!(
        server.error_code(document, json!({ "basis": "BYLINE", "first": 101 })),
        "BAD_USER_INPUT"
    );
    assert_eq!(
        server.error_code(document, json!({ "basis": "BYLINE", "after": "made-up" })),
        "INVALID_CURSOR"
    );
}

/// With the article in one statement, where nothing is kept; list by list, where something is; each by itself.
fn a_list_is_the_same_however_it_is_read(store: &Store) {
    Masthead::new(["generate", "--articles", "400", "--seed", "11"])
        .on(store)
        .run()
        .succeeded();
    let (forgetful, keeping) = (Server::forgetful(store), Server::start(store));
    let slugs = keeping.query("{ latest(first: 40) { nodes { slug } } }", json!({}));
    let (mut lists, mut shared) = (0, 0);
    for node in list(&slugs, "/latest/nodes") {
        for page in ["first: 1", "first: 6", "first: 100", "last: 3"] {
            let document = format!(
                "query($slug: String!) {{ article(slug: $slug) {{
                   section {{ slug name }} magazineIssue {{ citation }} topics {{ name }}
                   relatedLists {{ basis title articles({page}) {{
                     pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
                     edges {{ cursor reasons node {{ slug headline publishedAt bylines {{ name }} topics {{ name }} }} }} }} }} }} }}"
            );
            let read = forgetful.query(&document, json!({ "slug": node["slug"] }));
            let kept = keeping.query(&document, json!({ "slug": node["slug"] }));
            assert_eq!(read, kept, "{page}");
            for related in list(&read, "/article/relatedLists") {
                let basis = related["basis"].as_str().unwrap();
                let alone = forgetful.query(
                    &format!(
                        "query($slug: String!) {{ article(slug: $slug) {{ relatedArticles(basis: {basis}, {page}) {{
                           pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
                           edges {{ cursor reasons node {{ slug headline publishedAt bylines {{ name }} topics {{ name }} }} }} }} }} }}"
                    ),
                    json!({ "slug": node["slug"] }),
                );
                assert_eq!(
                    related["articles"], alone["article"]["relatedArticles"],
                    "{page}"
                );
                lists += 1;
                let edges = list(related, "/articles/edges");
                shared += usize::from(edges.iter().any(|edge| list(edge, "/reasons").len() > 1));
            }
        }
    }
    assert!(lists > 200, "{lists}");
    assert!(
        shared > 0,
        "no article shares two names or topics with another"
    );
}
