// Lets arbitrary clients talk to the application over the store in memory: whatever they ask, the
// answers are ones that the documentation knows, and what was posted comes back as it was posted.
//
// An input is a conversation with a fresh store, so that a finding needs nothing but its file.
// Its requests are separated by lines `===`; each is a line with method and target, lines with
// headers, and, after an empty line, the body:
//
//     POST /v2/queues/q/messages
//     X-Project-Id: other
//
//     {"messages": [{"body": 1}]}
//     ===
//     DELETE /v2/queues/q/messages/$message?claim_id=$claim
//
// `$message` and `$claim` stand for the ids of the latest message posted and of the latest claim.
// A header takes the place of the one that a well-behaved client sends; `-Name` leaves that out,
// and `+Name: value` repeats a header. `WAIT seconds` in the place of a request lets time pass. A
// first line `STRICT` switches on options that allow less than the usual ones.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api_harness.h"
#include "api/ascii.h"
#include "api/decode.h"
#include "api/uri.h"
#include "encoding/json_document.h"

namespace {

using namespace marconi;
using namespace marconi::api;
using encoding::JsonKind;
using encoding::JsonValue;

constexpr std::size_t kMaxRequests = 32;
constexpr std::string_view kStrict = "STRICT\n";
/// Answers may nest a little deeper than the documents they quote, which the parser bounds.
constexpr std::ptrdiff_t kMaxNesting = 900;

// ---- Invariants ---------------------------------------------------------------------------------

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// RFC 3986: what may stand in a path and a query; everything else must be encoded.
bool is_uri_reference(std::string_view text) {
  static constexpr std::string_view kOther = "-._~!$&'()*+,;=:@/?";
  const auto is_hex = [](char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z')) continue;
    if (c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) continue;
    if (kOther.find(c) == std::string_view::npos) return false;
  }
  return true;
}

void check_href(const JsonValue& value) {
  require(is_uri_reference(value.as_string().value()), "a href is a URI reference");
}

/// All hrefs that the service wrote itself: what clients stored may hold anything.
void check_hrefs(const JsonValue& document) {
  for (const JsonValue& element : document.elements()) check_hrefs(element);
  for (const auto& member : document.members()) {
    if (member.name == "href") check_href(member.value);
    if (member.name == "resources" && member.value.is(JsonKind::array)) {
      for (const JsonValue& href : member.value.elements()) {
        if (href.is(JsonKind::string)) check_href(href);
      }
    }
    if (member.name != "body" && member.name != "metadata") check_hrefs(member.value);
  }
}

/// Whether the answers on this path are, or hold at their top, what a client stored.
bool shows_metadata(std::string_view path) {
  const auto segments = split(path, '/');  // the first is empty: ["", "v2", "queues", "q"]
  return segments.size() == 4 || (segments.size() == 5 && segments[4] == "metadata");
}

void check_headers(const Answer& answer) {
  for (const auto& [name, value] : answer.response.headers) {
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a header is one line");
    if (name == "Location") require(is_uri_reference(value), "Location is a URI reference");
  }
}

void check_error(const Answer& answer, std::string_view path) {
  const auto document = encoding::parse_json(answer.body());
  // v1 says whether a queue exists without a word.
  const bool is_v1_queue = path.starts_with("/v1/queues/") && shows_metadata(path);
  if (answer.status() == 404 && is_v1_queue && answer.body().empty()) return;
  require(document && document->is(JsonKind::object), "an error is an object");
  const auto title = document->member("title");
  require(title && !title->as_string().value_or("").empty(), "an error has a title");
}

void check_answer(const Answer& answer, std::string_view method, std::string_view path,
                  std::size_t size_of_input) {
  static constexpr std::array kStatuses = {200, 201, 204, 300, 400, 403, 404, 405, 406, 409, 415};
  require(std::ranges::find(kStatuses, answer.status()) != kStatuses.end(), "a documented status");
  require(!answer.response.would_block, "a store in memory never makes one wait");
  require(answer.body().size() <= 256 * 1024 + 16 * size_of_input, "an answer has a bound");
  check_headers(answer);
  if (answer.status() == 204) {
    require(answer.body().empty() && answer.response.omit_content_length, "204 has no content");
  }
  if (method == "HEAD") require(answer.body().empty(), "an answer to HEAD has no body");
  if (method == "OPTIONS") require(answer.status() < 300, "OPTIONS never fails");
  if (answer.status() >= 400 && method != "HEAD") check_error(answer, path);
  if (answer.body().empty()) return;
  const auto type = answer.header("Content-Type");
  require(type == "application/json" || type == "application/json-home",
          "a body is JSON by its type");
  const auto document = encoding::parse_json(answer.body());
  require(document.has_value(), "a body is JSON");
  if (answer.status() >= 400 || !shows_metadata(path)) check_hrefs(*document);
}

// ---- The conversation ---------------------------------------------------------------------------

/// Gives out different ids, and the same ones each time an input is run.
class CountingRandom final : public base::Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>((state_ = state_ * 69069 + 1) >> 24);
  }

 private:
  std::uint32_t state_ = 1;
};

/// Limits that an input of some kilobytes can reach.
ApiOptions options(bool strict) {
  ApiOptions options;
  options.limits.max_queue_metadata_bytes = 500;
  options.limits.max_messages_post_bytes = 1500;
  options.limits.max_messages_per_post = 10;
  options.limits.max_location_ids = 3;
  options.admin_mode = true;
  options.enable_checksum = true;
  options.client_id.must_be_uuid = strict;
  options.message_delete_with_claim_id = strict;
  options.cors.allowed_origins = {"http://a", "*"};
  return options;
}

/// Up to the next `separator`, which is dropped.
std::string_view take(std::string_view& text, std::string_view separator) {
  const std::string_view piece = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), piece.size() + separator.size()));
  return piece;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
  });
}

/// What the transport lets through.
bool is_target(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
         });
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t'; });
}

class Conversation {
 public:
  Conversation(std::size_t size_of_input, bool strict)
      : size_of_input_(size_of_input), api_(store_, clock_, options(strict)) {}

  void request(std::string_view text) {
    const bool has_body = text.contains("\n\n");
    std::string_view head = take(text, "\n\n");
    std::string_view line = take(head, "\n");
    const std::string_view method = take(line, " ");
    if (method == "WAIT") return wait(line);
    const std::string target = resolved(line);
    if (!is_token(method) || !is_target(target)) return;
    // A body that is larger than the limit is not read by the transport.
    const bool is_read = text.size() <= api_.application().body_limit(method, target);
    const std::string body(is_read ? text : std::string_view());
    Ask ask(std::string(method), target);
    if (has_body) ask = Ask(std::string(method), target, body).announcing(text.size());
    add_headers(ask, head);
    const Answer answer = api_(ask);
    const std::string path = parse_target(target).path;
    check_answer(answer, method, path, size_of_input_);
    const bool may_fail = method == "OPTIONS";  // which is answered in any case
    require(may_fail || api_.after_failed_commit(ask).status() == 503, "a failed commit is a 503");
    if (answer.status() != 201) return;
    if (method == "POST" && path.ends_with("/messages")) check_posted(body, answer, head);
    if (path.ends_with("/claims")) claim_ = last_segment(answer.header("Location").value());
  }

 private:
  void wait(std::string_view seconds) {
    std::uint16_t count = 0;
    std::from_chars(seconds.data(), seconds.data() + seconds.size(), count);
    clock_.advance(std::chrono::seconds(count));
    store_.collect_garbage();
  }

  [[nodiscard]] std::string resolved(std::string_view target) const {
    std::string text(target);
    for (const auto& [name, id] :
         {std::pair("$message", &message_), std::pair("$claim", &claim_)}) {
      const auto at = text.find(name);
      if (at != std::string::npos) text.replace(at, std::string_view(name).size(), *id);
    }
    return text;
  }

  static void add_headers(Ask& ask, std::string_view lines) {
    while (!lines.empty()) {
      std::string_view value = take(lines, "\n");
      std::string_view name = take(value, ":");
      const char first = name.empty() ? ' ' : name.front();
      if (first == '+' || first == '-') name.remove_prefix(1);
      if (!is_token(name) || !is_header_value(value)) continue;
      if (first == '-') {
        ask.without(name);
      } else if (first == '+') {
        ask.also(name, trimmed(value));
      } else {
        ask.with(name, trimmed(value));
      }
    }
  }

  /// What was acknowledged is there, byte for byte.
  void check_posted(const std::string& body, const Answer& answer, std::string_view headers) {
    const JsonValue document = encoding::parse_json(body).value();
    const auto messages = document.is(JsonKind::array) ? document : *document.member("messages");
    const auto posted = encoding::read_messages(messages);
    const JsonValue receipt = encoding::parse_json(answer.body()).value();
    const auto hrefs = receipt.member("resources")->elements();
    require(!hrefs.empty() && hrefs.size() == posted.size(), "an id for each message");
    for (std::size_t i = 0; i < hrefs.size(); ++i) {
      const std::string href = hrefs[i].as_string().value();
      message_ = last_segment(href);
      Ask ask("GET", href);
      add_headers(ask, headers);
      const Answer got = api_(ask);
      require(got.status() == 200, "a message that was acknowledged is there");
      const JsonValue message = encoding::parse_json(got.body()).value();
      require(message.member("body")->raw == posted[i].body->raw, "a body keeps its bytes");
    }
  }

  const std::size_t size_of_input_;
  CountingRandom random_;
  base::ManualClock clock_{1'767'261'600'000};
  storage::memory::MemoryStore store_{clock_, random_};
  Harness api_;
  std::string message_ = "none";
  std::string claim_ = "none";
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto is_opening = [](char c) { return c == '[' || c == '{'; };
  if (std::ranges::count_if(text, is_opening) > kMaxNesting) return 0;
  const bool strict = text.starts_with(kStrict);
  if (strict) text.remove_prefix(kStrict.size());
  Conversation conversation(size, strict);
  for (std::size_t i = 0; i < kMaxRequests && !text.empty(); ++i) {
    conversation.request(take(text, "\n===\n"));
  }
  return 0;
}
