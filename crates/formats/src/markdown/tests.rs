use std::time::{Duration, Instant};

use super::read;

#[test]
fn markdown_becomes_blocks() {
    for (given, html) in [
        ("", ""),
        (
            "# A\n\ntext *a* __b__\nc\\\nd",
            "<h2>A</h2>\n<p>text <em>a</em> <strong>b</strong> c<br>d</p>",
        ),
        (
            "- a\n- b\n  - c\n\n1) d",
            "<ul><li>a</li><li>b</li><li>c</li></ul>\n<ol><li>d</li></ol>",
        ),
        ("- a\n\n  b\n- c", "<ul><li>a<br>b</li><li>c</li></ul>"),
        (
            "> a\n>\n> — B",
            "<figure><blockquote><p>a</p></blockquote><figcaption>— B</figcaption></figure>",
        ),
        (
            "```\na <b>\n  c\n```",
            "<p><code>a &lt;b&gt;</code><br><code>  c</code></p>",
        ),
        ("a `b *c*` d", "<p>a <code>b *c*</code> d</p>"),
        ("~~a~~ b", "<p>a b</p>"),
        (
            "| a | b |\n|---|---|\n| c | d |",
            "<p>a | b</p>\n<p>c | d</p>",
        ),
        (
            "a ![b *c*](https://example.org/a.jpg \"d\") e",
            "<p>a</p>\n<figure><img src=\"https://example.org/a.jpg\" alt=\"b c\">\
             <figcaption>d</figcaption></figure>\n<p>e</p>",
        ),
        ("![a](b.jpg)", ""),
        ("[a](/b 'c') [d](e.html)", "<p><a href=\"/b\">a</a> d</p>"),
        (
            "<https://vimeo.com/1>",
            "<figure><a href=\"https://vimeo.com/1\" rel=\"nofollow noopener\">Vimeo</a></figure>",
        ),
        (
            "a <b onclick=x>b</b> <script>c</script> d",
            "<p>a <strong>b</strong> d</p>",
        ),
        ("<div>\n<p>a\n</div>\n\nb", "<p>a</p>\n<p>b</p>"),
        ("a &amp; &lt;b&gt; \\*", "<p>a &amp; &lt;b&gt; *</p>"),
    ] {
        assert_eq!(read(given).html(), html, "{given:?}");
    }
}

#[test]
fn hostile_shapes_take_no_time() {
    for (shape, markdown) in [
        ("quotations", ">".repeat(20_000) + "a"),
        ("lists", "- ".repeat(20_000) + "a"),
        ("brackets", "[".repeat(50_000)),
        ("links", "[a](".repeat(20_000)),
        ("stars", "*a_".repeat(50_000)),
        ("pictures", "![".repeat(20_000)),
        ("tags", "<b".repeat(20_000)),
        (
            "backticks",
            (0..300).map(|length| "`".repeat(length) + "a").collect(),
        ),
    ] {
        let start = Instant::now();
        let _ = read(&markdown).markdown();
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{shape}: {took:?}");
    }
}
