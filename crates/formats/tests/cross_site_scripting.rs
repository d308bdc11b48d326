//! No script passes through a body: whatever is read, the HTML made of it has only the elements,
//! attributes and kinds of addresses that `Body::html` promises, as a browser's parser sees it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ExpandedName, LocalName, ParseOpts, QualName, ns, parse_fragment};
use masthead_domain::body::Body;
use masthead_formats::{html, markdown, plain_text};
use proptest::prelude::*;

/// The tricks of the OWASP filter-evasion collection and of the sanitisers' advisories, by kind.
const PAYLOADS: &[&str] = &[
    // Scripts.
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script >alert(1)</script >",
    "<script/x>alert(1)</script/x>",
    "<script\n>alert(1)</script\t>",
    "</p><script>alert(1)</script>",
    "<<script>alert(1);//<</script>",
    "<script>alert(1)",
    "<script src=//evil.example/j",
    "<script src=\"data:text/javascript,alert(1)\"></script>",
    "<script type=module>import('https://evil.example/')</script>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "<\0script>alert(1)</script>",
    "\u{feff}<script>alert(1)</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<!--<script>-->alert(1)<!--</script>-->",
    "<script><!--<script></script>--></script><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&#x3c;img src=x onerror=alert(1)&#x3e;",
    "\u{ff1c}script\u{ff1e}alert(1)\u{ff1c}/script\u{ff1e}",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    // Event handlers.
    "<img src=x onerror=alert(1)>",
    "<img src=\"https://example.org/a.jpg\" onerror=\"alert(1)\">",
    "<img src=https://example.org/a.jpg?x=\"onerror=alert(1)>",
    "<img src=`https://example.org/`onerror=alert(1)`>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<img/src=x/onerror=alert(1)>",
    "<img src=x onerror\n=alert(1)>",
    "<img src=x oNeRrOr=&#97;&#108;&#101;&#114;&#116;(1)>",
    "<img alt='\"><script>alert(1)</script>' src=https://example.org/a.jpg>",
    "<img alt='\" onload=\"alert(1)' src=https://example.org/a.jpg>",
    "<img width='1\" onload=\"alert(1)' src=https://example.org/a.jpg>",
    "<body onload=alert(1)>",
    "<body/onpageshow=alert(1)>",
    "<p onclick=alert(1) onmouseover=alert(1)>text</p>",
    "<details open ontoggle=alert(1)><summary>text</summary></details>",
    "<video><source onerror=alert(1)></video>",
    "<video src=javascript:alert(1) onloadstart=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>text</marquee>",
    "<input autofocus onfocus=alert(1)>",
    "<select onfocus=alert(1) autofocus><option>text",
    "<a href=# onmouseover=alert(1)>text</a>",
    "<a href='#\" onclick=\"alert(1)'>text</a>",
    "<b style=animation-name:x onanimationstart=alert(1)>text</b>",
    "<x onclick=alert(1) contenteditable>text</x>",
    // Addresses.
    "<a href=\"javascript:alert(1)\">text</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">text</a>",
    "<a href=\" &#14; javascript:alert(1)\">text</a>",
    "<a href=\"java\tscript:alert(1)\">text</a>",
    "<a href=\"java&#x0A;script:alert(1)\">text</a>",
    "<a href=\"java&Tab;script&colon;alert(1)\">text</a>",
    "<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)\">text</a>",
    "<a href=\"&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)\">text</a>",
    "<a href=\"\u{1}javascript:alert(1)\">text</a>",
    "<a href=\"\0javascript:alert(1)\">text</a>",
    "<a href=\"feed:javascript:alert(1)\">text</a>",
    "<a href=\"view-source:javascript:alert(1)\">text</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">text</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">text</a>",
    "<a href=\"vbscript:msgbox(1)\">text</a>",
    "<a href=\"blob:https://example.org/1\">text</a>",
    "<a href=\"//evil.example/\\..\">text</a>",
    "<a href=\"/\\evil.example\">text</a>",
    "<a href='https://example.org/\"onclick=\"alert(1)'>text</a>",
    "<img src=\"javascript:alert(1)\">",
    "<img src=\"data:image/svg+xml,<svg onload=alert(1)>\">",
    "<img dynsrc=javascript:alert(1) lowsrc=javascript:alert(1)>",
    "<img srcset=\"javascript:alert(1) 1x\" src=x>",
    "<table background=javascript:alert(1)><tr><td>text",
    // Frames, plug-ins, documents.
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe src=\"https://www.youtube.com/embed/x\" onload=alert(1)></iframe>",
    "<iframe src='https://www.youtube.com/embed/x\"><script>alert(1)</script>'></iframe>",
    "<iframe src=\"https://www.facebook.com/plugins/post.php?href=javascript:alert(1)\"></iframe>",
    "<iframe></iframe><script>alert(1)</script>",
    "<iframe><p title=\"</iframe><img src=x onerror=alert(1)>\">",
    "<object data=\"data:text/html,<script>alert(1)</script>\"></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x></applet>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<base href=\"javascript:alert(1)//\"><a href=\"/a\">text</a>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<link rel=import href=data:text/html,x>",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>text</button></form>",
    "<isindex action=javascript:alert(1) type=image>",
    "<input type=image src=x formaction=javascript:alert(1)>",
    // Styles.
    "<style>@import 'javascript:alert(1)'</style>",
    "<style>*{background:url('javascript:alert(1)')}</style>",
    "<p style=\"width:expression(alert(1))\">text</p>",
    "<p style=\"background:url(javascript:alert(1))\">text</p>",
    "<div style=\"-moz-binding:url(//evil.example/x)\">text</div>",
    "<style><img src=\"</style><img src=x onerror=alert(1)//\">",
    // SVG, MathML and what parsers take for something else the second time.
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script href=data:,alert(1) />",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>text</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) />",
    "<svg><set attributeName=onmouseover to=alert(1)>",
    "<svg><foreignObject><iframe srcdoc=x></foreignObject></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><p><style><!--</style><img src=x onerror=alert(1)>-->",
    "<svg><![CDATA[<img src=x onerror=alert(1)>]]></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mtext><table><mglyph><svg><mtext><textarea><path id=\"</textarea><img onerror=alert(1) src=1>\">",
    "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
    "<math href=javascript:alert(1)>text</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<template><p></template><img src=x onerror=alert(1)>",
    "<noscript><style></noscript><img src=x onerror=alert(1)>",
    "<noembed><img title=\"</noembed><img src onerror=alert(1)>\"></noembed>",
    "<noframes><style></noframes><img src onerror=alert(1)>",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<title><a title=\"</title><img src=x onerror=alert(1)>\">",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<select><style></select><img src=x onerror=alert(1)>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<listing>&lt;img src=1 onerror=alert(1)&gt;</listing>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--!><img src=x onerror=alert(1)>--!><img src=x onerror=alert(1)>",
    "<![if<img src=x onerror=alert(1)//]> -->",
    "<?xml version=\"1.0\"?><img src=x onerror=alert(1)>",
    "<!DOCTYPE html><img src=x onerror=alert(1)>",
    "<a><b><a><b></a></b><table><a>text<td><script>alert(1)</script>",
    // Through what the reader itself builds.
    "<figure><img src=https://example.org/a.jpg><figcaption>&lt;script&gt;alert(1)&lt;/script&gt;<small>\"><img onerror=alert(1)></small></figcaption></figure>",
    "<blockquote><p>text</p><footer>&lt;img src=x onerror=alert(1)&gt;</footer></blockquote>",
    "<ul><li>&lt;svg onload=alert(1)&gt;<li><script>alert(1)</script></ul>",
    "<pre>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</pre>",
    "<h2>&lt;/h2&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h2>",
    "<figure><a href=https://example.org/>&lt;script&gt;alert(1)&lt;/script&gt;</a></figure>",
    // Markdown.
    "[text](javascript:alert(1))",
    "[text](<javascript:alert(1)>)",
    "[text](JaVaScRiPt:alert(1))",
    "[text](javascript&colon;alert(1))",
    "[text](java&#x09;script:alert(1))",
    "[text](data:text/html;base64,PHNjcmlwdD4=)",
    "[text](https://example.org/\"onclick=\"alert(1))",
    "[text](https://example.org 'x\" onclick=\"alert(1)')",
    "![text](javascript:alert(1))",
    "![text\"onerror=\"alert(1)](https://example.org/a.jpg \"x\\\" onload=alert(1)\")",
    "<javascript:alert(1)>",
    "[text]: javascript:alert(1)\n\n[text]",
    "```<script>\nalert(1)\n</script>```",
    "`<script>alert(1)</script>`",
    "> <script>alert(1)</script>",
    "**<img src=x onerror=alert(1)>**",
    "<div>\n\n<script>\n\nalert(1)\n\n</script>\n\n</div>",
    "| a |\n|---|\n| <svg onload=alert(1)> |",
    // Many at once.
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e",
    "\"><img src=x onerror=alert(1)><svg/onload=alert(1)>'-alert(1)-'",
    "'\"()&%<zzz><ScRiPt >alert(1)</ScRiPt>",
    "</title></style></textarea></noscript></script><script>alert(1)</script>",
];

#[test]
fn no_payload_passes() {
    assert!(PAYLOADS.len() >= 60);
    for payload in PAYLOADS {
        for wrapped in [
            (*payload).to_owned(),
            format!("<p>before {payload} after</p>"),
            format!("before\n\n{payload}\n\nafter"),
            format!("> - **{payload}**"),
            format!("<ul><li><a href=\"https://example.org/\">{payload}</a></ul>"),
        ] {
            assert_harmless(&wrapped);
        }
    }
}

/// The harness would see it: the payloads do run where nothing is done about them.
#[test]
fn the_payloads_are_seen_where_nothing_is_done() {
    let seen = PAYLOADS
        .iter()
        .filter(|payload| offences(payload).next().is_some())
        .count();
    assert!(seen > PAYLOADS.len() / 2, "{seen} of {}", PAYLOADS.len());
}

proptest! {
    #[test]
    fn no_text_becomes_more_than_a_body(text in any::<String>()) {
        assert_harmless(&text);
    }

    #[test]
    fn no_row_of_tags_becomes_more_than_a_body(pieces in prop::collection::vec(piece(), 0..24)) {
        assert_harmless(&pieces.concat());
    }
}

fn piece() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "p",
        "a",
        "b",
        "i",
        "div",
        "ul",
        "ol",
        "li",
        "h1",
        "h6",
        "blockquote",
        "cite",
        "footer",
        "figure",
        "figcaption",
        "small",
        "img",
        "iframe",
        "script",
        "style",
        "svg",
        "math",
        "mtext",
        "mglyph",
        "title",
        "textarea",
        "template",
        "noscript",
        "table",
        "tr",
        "td",
        "pre",
        "code",
        "select",
        "xmp",
        "video",
        "source",
        "br",
        "sup",
        "q",
        "del",
        "plaintext",
        "form",
        "x",
    ]);
    let attributes = prop::sample::select(vec![
        "",
        " href=javascript:x",
        " href='https://example.org/\"'",
        " src=https://example.org/a",
        " src=x onerror=alert(1)",
        " onload=alert(1)",
        " style=x",
        " alt='\"><script>'",
        "/",
        " \"",
        " srcdoc=<script>",
        " class=emoji alt='<b>'",
        " width=1 height=2",
    ]);
    prop_oneof![
        (names.clone(), attributes).prop_map(|(name, attributes)| format!("<{name}{attributes}>")),
        names.prop_map(|name| format!("</{name}>")),
        prop::sample::select(PAYLOADS).prop_map(str::to_owned),
        "[a-z <>&;'\"`*_#!\\[\\]()\\\\\n\0-]{0,8}",
    ]
}

fn assert_harmless(source: &str) {
    for (reader, body) in [
        ("html", html::read(source)),
        ("markdown", markdown::read(source)),
        ("plain text", plain_text::read(source)),
    ] {
        let html = body.html();
        let offences: Vec<String> = offences(&html).collect();
        assert!(
            offences.is_empty(),
            "{reader} {source:?} became {html:?} with {offences:?}"
        );
        for block in body.blocks() {
            assert_eq!(
                self::offences(&block.html()).next(),
                None,
                "{reader} {source:?}"
            );
        }
        // A body that was read is in normal form, and its stored form is the same body.
        assert_eq!(
            Body::new(body.blocks().to_vec()),
            body,
            "{reader} {source:?}"
        );
    }
}

/// What a parsed page holds that a body may not.
fn offences(html: &str) -> impl Iterator<Item = String> {
    parse(html).into_iter().filter_map(|element| {
        let name = &*element.name.local;
        let allowed: &[&str] = match name {
            "a" => &["href", "rel"],
            "img" => &["src", "alt", "width", "height"],
            "p" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "ol" | "ul" | "li"
            | "figure" | "figcaption" | "small" | "strong" | "em" | "code" | "br" => &[],
            _ => return Some(format!("<{name}>")),
        };
        if element.name.ns != ns!(html) {
            return Some(format!("foreign <{name}>"));
        }
        element.attributes.iter().find_map(|attribute| {
            let key = &*attribute.name.local;
            let value = &*attribute.value;
            let address = match key {
                "href" => {
                    value.starts_with("mailto:")
                        || value.starts_with("tel:")
                        || value.starts_with('#')
                        || (value.starts_with('/') && !value.starts_with("//"))
                        || is_web_address(value)
                }
                "src" => is_web_address(value),
                "rel" => value == "nofollow noopener",
                "width" | "height" => value.parse::<u32>().is_ok(),
                _ => true,
            };
            let holds = allowed.contains(&key) && address;
            (!holds).then(|| format!("<{name} {key}={value:?}>"))
        })
    })
}

fn is_web_address(value: &str) -> bool {
    (value.starts_with("https://") || value.starts_with("http://"))
        && value.bytes().all(|byte| byte.is_ascii_graphic())
}

fn parse(html: &str) -> Vec<Rc<Element>> {
    let context = QualName::new(None, ns!(html), LocalName::from("div"));
    parse_fragment(
        Elements::default(),
        ParseOpts::default(),
        context,
        Vec::new(),
        false,
    )
    .one(StrTendril::from_slice(html))
}

struct Element {
    name: QualName,
    attributes: Vec<Attribute>,
}

/// Collects every element that the tree builder makes; the tree itself is of no interest.
#[derive(Default)]
struct Elements(RefCell<Vec<Rc<Element>>>);

fn node(name: &str, attributes: Vec<Attribute>) -> Rc<Element> {
    let name = QualName::new(None, ns!(), LocalName::from(name));
    Rc::new(Element { name, attributes })
}

impl TreeSink for Elements {
    type Handle = Rc<Element>;
    type Output = Vec<Rc<Element>>;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self::Output {
        // The parser makes the context element and the root itself.
        self.0.into_inner().into_iter().skip(2).collect()
    }

    fn get_document(&self) -> Rc<Element> {
        node("#document", Vec::new())
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Element>) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> Rc<Element> {
        let element = Rc::new(Element { name, attributes });
        self.0.borrow_mut().push(Rc::clone(&element));
        element
    }

    fn create_comment(&self, _: StrTendril) -> Rc<Element> {
        let comment = node("#comment", Vec::new());
        self.0.borrow_mut().push(Rc::clone(&comment));
        comment
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Element> {
        self.create_comment(StrTendril::new())
    }

    fn get_template_contents(&self, target: &Rc<Element>) -> Rc<Element> {
        Rc::clone(target)
    }

    fn same_node(&self, one: &Rc<Element>, other: &Rc<Element>) -> bool {
        Rc::ptr_eq(one, other)
    }

    fn append(&self, _: &Rc<Element>, _: NodeOrText<Rc<Element>>) {}
    fn append_before_sibling(&self, _: &Rc<Element>, _: NodeOrText<Rc<Element>>) {}
    fn append_based_on_parent_node(
        &self,
        _: &Rc<Element>,
        _: &Rc<Element>,
        _: NodeOrText<Rc<Element>>,
    ) {
    }
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn add_attrs_if_missing(&self, _: &Rc<Element>, _: Vec<Attribute>) {}
    fn remove_from_parent(&self, _: &Rc<Element>) {}
    fn reparent_children(&self, _: &Rc<Element>, _: &Rc<Element>) {}
    fn mark_script_already_started(&self, _: &Rc<Element>) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn parse_error(&self, _: Cow<'static, str>) {}
}
