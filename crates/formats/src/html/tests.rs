use std::time::{Duration, Instant};

use super::*;

fn assert_read(cases: &[(&str, &str)]) {
    for (given, html) in cases {
        assert_eq!(read(given).html(), *html, "{given:?}");
    }
}

#[test]
fn running_text() {
    assert_read(&[
        ("", ""),
        ("loose text", "<p>loose text</p>"),
        (
            "<p>One<p>Two</p>three",
            "<p>One</p>\n<p>Two</p>\n<p>three</p>",
        ),
        (" <p>\n a \t b\n</p>\n\n<p>&nbsp;</p> ", "<p>a b</p>"),
        (
            "<p>a<b> b </b>c<i>d</i></p>",
            "<p>a <strong>b</strong> c<em>d</em></p>",
        ),
        (
            "<b>a<i>b</b>c</i>d",
            "<p><strong>a<em>b</em></strong><em>c</em>d</p>",
        ),
        ("a<br>b<br><br>c<br>", "<p>a<br>b</p>\n<p>c</p>"),
        ("<div>a<div>b</div>c</div>", "<p>a</p>\n<p>b</p>\n<p>c</p>"),
        ("<x-unknown>a <span>b</span></x-unknown>", "<p>a b</p>"),
        (
            "m<sup>2</sup>, CO<sub>2</sub>, 3<sup>rd</sup>",
            "<p>m², CO₂, 3rd</p>",
        ),
        ("<q>a</q> <del>b</del><s>c</s>", "<p>“a” c</p>"),
        (
            "<code>a  &lt;b&gt;</code>",
            "<p><code>a  &lt;b&gt;</code></p>",
        ),
        (
            "<pre><code>a\n  b\n</code></pre>c",
            "<p><code>a</code><br><code>  b</code></p>\n<p>c</p>",
        ),
        (
            "<!-- a -->b<script>c</script><style>d</style><title>e</title>",
            "<p>b</p>",
        ),
        (
            "<form>Name <select><option>a</select><textarea>b</textarea></form>",
            "<p>Name</p>",
        ),
        ("a\0b", "<p>ab</p>"),
        ("नेपाल &amp; विश्व।", "<p>नेपाल &amp; विश्व।</p>"),
        ("<noscript><p>a</p></noscript>", "<p>a</p>"),
        ("<svg><text>a</text><p>b", "<p>b</p>"),
        ("<svg/>a", "<p>a</p>"),
    ]);
}

#[test]
fn links() {
    assert_read(&[
        (
            "<a href=' https://example.org/?a=1&amp;b=2 ' target=_blank onclick=x>a</a>b",
            "<p><a href=\"https://example.org/?a=1&amp;b=2\" rel=\"nofollow noopener\">a</a>b</p>",
        ),
        (
            "<a href=/a>a</a> <a href=#b>b</a>",
            "<p><a href=\"/a\">a</a> <a href=\"#b\">b</a></p>",
        ),
        ("<a href=a.html>a</a> <a>b</a>", "<p>a b</p>"),
        (
            "<a href=#a>a<a href=#b>b</a>c",
            "<p><a href=\"#a\">a</a><a href=\"#b\">b</a>c</p>",
        ),
        ("<a href=#a><h2>a</h2></a>", "<h2><a href=\"#a\">a</a></h2>"),
        // Never closed: it ends with its block.
        (
            "<p><a href=#a>a<p>b",
            "<p><a href=\"#a\">a</a></p>\n<p>b</p>",
        ),
    ]);
    let page = WebUrl::parse("https://example.org/2024/story");
    let at = |html| page.as_ref().map(|page| read_at(html, page).html());
    assert_eq!(
        at("<a href=b>b</a><a href=/c>c</a><a href=#d>d</a><img src=../e.jpg>"),
        Ok(concat!(
            "<p><a href=\"https://example.org/2024/b\" rel=\"nofollow noopener\">b</a>",
            "<a href=\"https://example.org/c\" rel=\"nofollow noopener\">c</a>",
            "<a href=\"#d\">d</a></p>\n",
            "<figure><img src=\"https://example.org/e.jpg\" alt=\"\"></figure>"
        )
        .to_owned())
    );
}

#[test]
fn headings_lists_and_quotations() {
    assert_read(&[
        (
            "<h1>a</h1><h3>b</h3>c<h6>d</h5>e",
            "<h2>a</h2>\n<h3>b</h3>\n<p>c</p>\n<h6>d</h6>\n<p>e</p>",
        ),
        (
            "<h2><div>a</div></h2><h2>b<br>c<p>d",
            "<h2>a</h2>\n<h2>b c</h2>\n<p>d</p>",
        ),
        (
            "<ul><li>a<li><p>b</p><p>c</p></ul>d",
            "<ul><li>a</li><li>b<br>c</li></ul>\n<p>d</p>",
        ),
        (
            "<ol><li>a<ul><li>b</ul><li>c</ol>",
            "<ol><li>a</li><li>b</li><li>c</li></ol>",
        ),
        ("<div><ul><li>a</div>b", "<ul><li>a</li></ul>\n<p>b</p>"),
        ("<ul></ul><ul><li> </ul>", ""),
        (
            "<ul><li>a <img src=https://example.org/a.jpg> b</ul>",
            "<ul><li>a<br>b</li></ul>\n<figure><img src=\"https://example.org/a.jpg\" alt=\"\"></figure>",
        ),
        (
            "<blockquote>a<p>b<ul><li>c</ul></blockquote>",
            "<blockquote><p>a</p><p>b</p><p>c</p></blockquote>",
        ),
        (
            "<blockquote><p>a</p><footer>— <cite>B. C.</cite></footer></blockquote>",
            "<figure><blockquote><p>a</p></blockquote><figcaption>— B. C.</figcaption></figure>",
        ),
        (
            "<blockquote><p>a <cite>T</cite></p><cite>B</cite></blockquote>",
            "<figure><blockquote><p>a <em>T</em></p></blockquote><figcaption>— B</figcaption></figure>",
        ),
        (
            "<figure><blockquote>a</blockquote><figcaption>— B</figcaption></figure>",
            "<figure><blockquote><p>a</p></blockquote><figcaption>— B</figcaption></figure>",
        ),
        (
            "<blockquote><p>a</p><p>— B</p></blockquote>",
            "<figure><blockquote><p>a</p></blockquote><figcaption>— B</figcaption></figure>",
        ),
        (
            "<blockquote><p>— a</p></blockquote>",
            "<blockquote><p>— a</p></blockquote>",
        ),
        (
            "<table><caption>a</caption><tr><th>b<th>c<tr><td>d</td><td><p>e</p></td></tr></table>f",
            "<p>a</p>\n<p>b | c</p>\n<p>d |</p>\n<p>e</p>\n<p>f</p>",
        ),
    ]);
}

#[test]
fn pictures_and_embeds() {
    assert_read(&[
        (
            "<p>a<img src=//example.org/a.jpg alt='b' width=640 height=480px>c</p>",
            "<p>a</p>\n<figure><img src=\"https://example.org/a.jpg\" alt=\"b\" width=\"640\" \
             height=\"480\"></figure>\n<p>c</p>",
        ),
        (
            "<figure><a href=#a><img src=https://example.org/a.jpg></a><figcaption>a <b>b</b>\
             <small>c</small></figcaption></figure>",
            "<figure><img src=\"https://example.org/a.jpg\" alt=\"\"><figcaption>a b \
             <small>c</small></figcaption></figure>",
        ),
        (
            "<img src=data:image/png;base64,AAAA data-src=https://example.org/a>",
            "<figure><img src=\"https://example.org/a\" alt=\"\"></figure>",
        ),
        ("<img src=https://example.org/a width=1 height=1>", ""),
        (
            "a <img class=emoji alt='🙂' src=https://example.org/a>",
            "<p>a 🙂</p>",
        ),
        ("<figure><figcaption>a</figcaption></figure>", "<p>a</p>"),
        (
            "a<iframe src='https://www.youtube.com/embed/x'>b</iframe>c",
            "<p>a</p>\n<figure><a href=\"https://www.youtube.com/watch?v=x\" \
             rel=\"nofollow noopener\">YouTube</a></figure>\n<p>c</p>",
        ),
        ("<iframe src=https://example.org/>a</iframe>", ""),
        (
            "<p>https://youtu.be/x</p>",
            "<figure><a href=\"https://youtu.be/x\" rel=\"nofollow noopener\">YouTube</a></figure>",
        ),
        (
            "<video><source src=https://example.org/a.mp4><source src=https://example.org/a.webm>a</video>b",
            "<figure><a href=\"https://example.org/a.mp4\" rel=\"nofollow noopener\">\
             https://example.org/a.mp4</a></figure>\n<p>b</p>",
        ),
    ]);
}

/// Linear work takes about a second even without optimisation, quadratic work much longer.
#[test]
fn hostile_shapes_take_no_time() {
    let many = 40_000;
    let numbered = |before: &str, after: &str| {
        let numbers: Vec<String> = (0..many).map(|index| index.to_string()).collect();
        before.to_owned() + &numbers.join(&format!("{after}{before}")) + after
    };
    for (shape, html) in [
        ("nested divs", "<div>".repeat(100_000) + "a"),
        (
            "nested and closed divs",
            "<div>".repeat(many) + "a" + &"</div>".repeat(many),
        ),
        ("nested quotations", "<blockquote>a".repeat(many)),
        ("nested lists", "<ul><li>a".repeat(many)),
        ("nested figures", "<figure>a".repeat(many)),
        (
            "nested figures and quotations",
            "<figure><blockquote>a<figcaption>".repeat(many),
        ),
        ("open formatting", "<b><i>a<p>".repeat(many)),
        ("open fonts", numbered("<b id=", "><p>a")),
        (
            "open links",
            format!("<a href=https://example.org/{}>", "a".repeat(4000)) + &"a<p>".repeat(many),
        ),
        (
            "ends of nothing",
            "<div>".repeat(many) + &"</section></b></p>a".repeat(many),
        ),
        ("open tables", "<table><tr><td>a".repeat(many)),
        ("attributes", format!("<p{}>a", numbered(" a", ""))),
        ("drawings", "<svg><math>".repeat(many)),
        ("headings", "<h1>a<h2>".repeat(many)),
        ("angle brackets", "<".repeat(many * 10)),
        ("references", "&amp&am".repeat(many)),
    ] {
        let start = Instant::now();
        let body = read(&html);
        let words = body.html().len() + body.markdown().len() + body.text().len();
        let took = start.elapsed();
        assert!(
            took < Duration::from_secs(8),
            "{shape}: {took:?} for {words} bytes"
        );
        assert!(
            words < html.len() * 12 + 1024,
            "{shape}: {words} bytes of {}",
            html.len()
        );
    }
}

#[test]
fn a_tag_without_end_costs_only_itself() {
    let picture = format!(
        "<p>a</p><img src='data:image/png;base64,{}'><p>b</p>",
        "A".repeat(200_000)
    );
    assert_eq!(read(&picture).text(), "a\n\nb");
}
