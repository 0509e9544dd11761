// The decoders of requests one by one, without an application around them: whatever the bytes, what
// is accepted is consistent, and what is written can be read again.
//
// An input is a target, lines with headers and, after an empty line, a body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "api/ascii.h"
#include "api/cors.h"
#include "api/decode.h"
#include "api/query.h"
#include "api/request_headers.h"
#include "api/uri.h"
#include "api/v2/patch_document.h"
#include "api/white_space.h"
#include "domain/metadata_change.h"
#include "domain/queue_filter.h"
#include "domain/queue_metadata.h"
#include "domain/reserved_attributes.h"
#include "encoding/json_document.h"

namespace {

using namespace marconi;
using namespace marconi::api;
using encoding::JsonKind;
using encoding::JsonValue;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// Up to the next `separator`, which is dropped.
std::string_view take(std::string_view& text, std::string_view separator) {
  const std::string_view piece = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), piece.size() + separator.size()));
  return piece;
}

// ---- Targets ------------------------------------------------------------------------------------

void check_query_text(std::string_view raw) {
  const std::string text = decode_query_text(raw);
  std::string encoded;
  append_encoded(encoded, text);
  require(decode_query_text(encoded) == text, "an encoded value is read as it was");
  require(Query("a=" + encoded).text("a").value_or("") == text, "also as the value of a query");
}

void check_query(std::string_view raw) {
  const Query query(raw);
  for (const Parameter& parameter : query.parameters()) {
    const auto* values = query.list(parameter.name);
    require(values != nullptr && *values == parameter.values, "a parameter is found by its name");
    const auto text = query.text(parameter.name);
    require(text.has_value() == !values->empty(), "there is a last value if there is one");
    const auto integer = query.integer(parameter.name);
    const auto boolean = query.boolean(parameter.name);
    require(!integer || integer->has_value() == text.has_value(), "an integer has a text");
    require(!boolean || boolean->has_value() == text.has_value(), "a boolean has a text");
  }
}

/// Whether reading the path again would take segments out of it.
bool has_dot_segment(std::string_view path) {
  const auto segments = split(path, '/');
  return std::ranges::any_of(segments, [](auto text) { return text == "." || text == ".."; });
}

void check_target(std::string_view target) {
  if (!target.starts_with('/')) return;  // the transport lets no other through
  const Target parsed = parse_target(target);
  require(parsed.path.starts_with('/'), "a path is absolute");
  if (!has_dot_segment(parsed.path)) {
    require(parse_target(encode_path(parsed.path)).path == parsed.path,
            "an encoded path is read as it was");
  }
  check_query(parsed.query);
}

// ---- Headers ------------------------------------------------------------------------------------

std::vector<Header> take_headers(std::string_view lines) {
  std::vector<Header> headers;
  while (!lines.empty()) {
    std::string_view value = take(lines, "\n");
    const std::string_view name = take(value, ":");
    if (!name.empty()) headers.push_back({name, trimmed(value)});
  }
  return headers;
}

void check_client(const Request& request, Version version, bool must_be_uuid) {
  ClientIdRules rules;
  rules.must_be_uuid = must_be_uuid;
  const auto client = read_client_id(request, version, rules);
  if (!client || !*client || !must_be_uuid) return;
  const auto again = domain::ClientId::from_uuid((*client)->text());
  require(again == **client, "a client's id is in canonical form");
}

void check_cors(const Request& request) {
  for (const auto& origin : {"*", "http://a"}) {
    CorsOptions options;
    options.allowed_origins = {origin};
    Response response;
    apply_cors(options, request, response);
    const auto& headers = response.headers;
    require(headers.empty() || request.header("Origin"), "only who names an origin is answered");
    for (const auto& [name, value] : headers) {
      require(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
    }
  }
}

void check_headers(const Request& request) {
  for (const Version version : {Version::none, Version::v1, Version::v1_1, Version::v2}) {
    check_client(request, version, true);
    check_client(request, version, false);
    (void)read_project(request, version);
  }
  (void)check_extra_spec(request);
  (void)has_role(request, "admin");
  (void)has_form_content(request);
  std::string memory;
  const auto accept = joined_header(request, "Accept", memory).value_or("");
  require(!accepts_json("text/html") && accepts_json("application/json"), "Accept is understood");
  require(accepts_json(request) == accepts_json(accept), "the header is what counts");
  check_cors(request);
}

// ---- Bodies -------------------------------------------------------------------------------------

void check_messages(const JsonValue& array) {
  const MessageRules lenient{
      .default_ttl_seconds = 60, .default_delay_seconds = 0, .with_checksum = true};
  for (const MessageRules& rules : {MessageRules(), lenient}) {
    const auto messages = decode_messages(array, rules);
    if (messages) require(messages->size() == array.elements().size(), "no message is left out");
  }
}

void check_patch(const JsonValue& array) {
  const auto operations = v2::decode_patch(array);
  if (!operations) return;
  const auto changed = domain::apply_operations(*operations, R"({"a": 1, "_flavor": "f"})");
  if (!changed) return;
  const auto document = encoding::parse_json(*changed);
  require(document && document->is(JsonKind::object), "a patched object is an object");
}

void check_metadata(const JsonValue& object, std::string_view query) {
  const std::string text(object.raw);
  const domain::Limits limits;
  const auto metadata = domain::QueueMetadata::from_json(text);
  require(metadata.has_value(), "an object is metadata");
  const auto again = domain::QueueMetadata::from_json(metadata->json());
  require(again && again->json() == metadata->json(), "metadata is stored in one form");
  (void)domain::find_reserved_attribute_fault(text, limits);
  const auto shown = encoding::parse_json(domain::with_default_values(text, limits));
  require(shown && shown->is(JsonKind::object), "metadata with defaults is an object");
  domain::QueueFilter filter;
  for (const Parameter& parameter : Query(query).parameters()) {
    filter.metadata.push_back({parameter.name, parameter.values});
  }
  (void)filter.matches_metadata(text);
}

void check_body(const Request& request) {
  require(has_body(request) == !request.body.empty(), "a body is seen");
  const auto document = read_document(request);
  const auto object = read_object(request);
  require(!object || document, "an object is a document");
  if (!document) return;
  if (document->is(JsonKind::array)) {
    check_messages(*document);
    check_patch(*document);
  }
  if (!object) return;
  check_metadata(*object, parse_target(request.target).query);
  (void)decode_claim_terms(*object, {});
  require(document->raw == object->raw, "both are the same text");
  const auto terms = decode_claim_terms(*object, {.ttl_seconds = 60, .grace_seconds = 60});
  require(terms || object->member("ttl") || object->member("grace"),
          "what is not there is no fault");
}

// ---- Names and ids ------------------------------------------------------------------------------

void check_names(std::string_view text) {
  const std::string_view bare = without_space(text);
  require(leading_space(bare) == 0 && without_space(bare) == bare, "all white space is gone");
  if (const auto name = domain::QueueName::from(text)) {
    require(name->text() == text && encode_path(text) == text, "a name needs no encoding");
  }
  if (const auto id = domain::ClientId::from_uuid(text)) {
    require(domain::ClientId::from_uuid(id->text()) == id, "an id is in canonical form");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body(reinterpret_cast<const char*>(data), size);
  std::string_view head = take(body, "\n\n");
  const std::string_view target = take(head, "\n");
  // Behind the body there is what a parser must not take for a part of it.
  const std::string padded = std::string(body) + std::string(Request::kBodyPadding, '}');
  const std::vector<Header> headers = take_headers(head);
  Request request;
  request.method = "OPTIONS";
  request.target = target;
  request.headers = headers;
  request.content_length = body.size();
  request.body = std::string_view(padded).substr(0, body.size());
  check_target(target);
  check_query_text(target);
  check_names(target);
  check_headers(request);
  check_body(request);
  return 0;
}
