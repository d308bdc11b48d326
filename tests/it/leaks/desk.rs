//! The newsroom at work: it writes over HTTP, by the mutations that its own tools use.

use serde_json::{Value, json};

use crate::harness::{Server, Store, Token};

/// Who writes everything. Only the newsroom may know.
pub(super) const AUTHOR: &str = "zyxoauthor@lake.example";
/// The key of a request that was sent twice.
pub(super) const KEY: &str = "5f0c9b1e-repeated";

/// A server on which somebody writes who may do everything.
pub(super) struct Desk {
    server: Server,
    token: String,
    /// The identities of the articles that were made.
    pub(super) made: Vec<String>,
    /// Each slug that an article had after a write.
    pub(super) slugs: Vec<String>,
}

impl Desk {
    pub(super) fn open(store: &Store) -> Self {
        Self {
            server: Server::start(store),
            token: Token::of("admin").claim("sub", AUTHOR).sign(),
            made: Vec::new(),
            slugs: Vec::new(),
        }
    }

    /// What a mutation has made of something: an article as inputs name it, a preview's token, an identity.
    #[track_caller]
    pub(super) fn write(&mut self, mutation: &str, input: &Value) -> Value {
        let (saved, errors) = self.try_to_write(mutation, input, None);
        assert_eq!(errors, json!([]), "{mutation} of {input}");
        saved
    }

    /// A mutation of an article at the revision at which it stands.
    #[track_caller]
    pub(super) fn step(&mut self, mutation: &str, article: &Value, more: Value) -> Value {
        let input = json!({ "id": article["id"], "revision": article["revision"] });
        self.write(mutation, &with(input, more))
    }

    /// A mutation that is sent twice under one key.
    #[track_caller]
    pub(super) fn write_twice(&mut self, mutation: &str, input: &Value) -> Value {
        let first = self.try_to_write(mutation, input, Some(KEY));
        let second = self.try_to_write(mutation, input, Some(KEY));
        assert_eq!(first, second, "{mutation} of {input}");
        self.made.dedup();
        first.0
    }

    /// A mutation that comes too late, and saves nothing.
    #[track_caller]
    pub(super) fn write_in_vain(&mut self, mutation: &str, article: &Value, more: Value) {
        let input = with(json!({ "id": article["id"], "revision": 77 }), more);
        let (_, errors) = self.try_to_write(mutation, &input, None);
        assert_eq!(errors[0]["code"], "STALE_REVISION", "{mutation} of {input}");
    }

    #[track_caller]
    fn try_to_write(&mut self, mutation: &str, input: &Value, key: Option<&str>) -> (Value, Value) {
        let type_name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let selected = match mutation {
            "deleteDraft" => "saved: deletedId",
            "createPreview" => "saved: preview { token }",
            "saveSection" => "saved: section { id }",
            "saveContributor" => "saved: contributor { id }",
            "saveTopic" => "saved: topic { id }",
            "saveMagazineIssue" => "saved: magazineIssue { id }",
            "savePartner" => "saved: partner { id }",
            "createPartnerToken" => "saved: partnerToken { id }",
            "saveWebhook" => "saved: webhook { id }",
            "revokePartnerToken" => "saved: revokedId",
            _ => "saved: article { id revision slug }",
        };
        let document = format!(
            "mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {selected} errors {{ code message path }} }} }}"
        );
        let mut request = self
            .server
            .post("/graphql")
            .bearer_auth(&self.token)
            .json(&json!({ "query": document, "variables": { "input": input } }));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let mut answer: Value = request.send().unwrap().json().unwrap();
        assert!(
            answer.get("errors").is_none(),
            "{mutation} of {input} answered {answer:#}"
        );
        let mut payload = answer["data"][mutation].take();
        let saved = payload["saved"].take();
        if mutation == "createArticle" {
            self.made.extend(saved["id"].as_str().map(str::to_owned));
        }
        self.slugs.extend(saved["slug"].as_str().map(str::to_owned));
        (saved, payload["errors"].take())
    }

    /// An article as inputs name it.
    #[track_caller]
    pub(super) fn article(&self, slug: &str) -> Value {
        let answer = self.server.query_as(
            &self.token,
            "query($slug: String!) { article(slug: $slug) { id revision slug } }",
            json!({ "slug": slug }),
        );
        assert!(answer["article"].is_object(), "there is no article {slug}");
        answer["article"].clone()
    }

    /// What an article is filed under, as inputs say it.
    #[track_caller]
    pub(super) fn filing_of(&self, slug: &str) -> Value {
        let answer = self.server.query_as(
            &self.token,
            "query($slug: String!) { article(slug: $slug) { language section { slug } bylines { slug } topics { slug } magazineIssue { id } } }",
            json!({ "slug": slug }),
        );
        let article = &answer["article"];
        let slugs = |list: &Value| -> Vec<Value> {
            let members = list.as_array().into_iter().flatten();
            members.map(|one| one["slug"].clone()).collect()
        };
        json!({
            "language": article["language"],
            "section": article["section"]["slug"],
            "bylines": slugs(&article["bylines"]),
            "topics": slugs(&article["topics"]),
            "magazineIssue": article["magazineIssue"]["id"],
        })
    }

    pub(super) fn close(self) -> (Vec<String>, Vec<String>) {
        self.server.stop();
        (self.made, self.slugs)
    }
}

/// An input with more fields.
pub(super) fn with(mut input: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut input, more) {
        fields.extend(more);
    }
    input
}
