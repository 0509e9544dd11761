#include "history/api_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "encoding/json_document.h"

namespace marconi::history {
namespace {

using encoding::JsonKind;
using encoding::JsonValue;

constexpr std::size_t kSurprisesKept = 20;

std::string_view prefix_of(ApiVersion version) {
  switch (version) {
    case ApiVersion::v1:
      return "/v1";
    case ApiVersion::v1_1:
      return "/v1.1";
    case ApiVersion::v2:
      return "/v2";
  }
  return "";
}

/// The body that a producer gives a message. It says which message this is, and its length varies.
std::string body_of(MessageKey key) {
  return fmt::format(R"({{"post": {}, "part": {}, "fill": "{}"}})", key.post, key.part,
                     std::string((key.post * 7 + key.part * 13) % 120, 'x'));
}

std::optional<std::uint32_t> number_in(const JsonValue& object, std::string_view name) {
  const auto value = object.member(name);
  const auto integer = value ? value->as_integer() : std::nullopt;
  return integer ? std::optional(static_cast<std::uint32_t>(*integer)) : std::nullopt;
}

std::optional<std::string> text_in(const JsonValue& object, std::string_view name) {
  const auto value = object.member(name);
  return value ? value->as_string() : std::nullopt;
}

std::vector<MessageKey> keys_of(const std::vector<Received>& messages) {
  std::vector<MessageKey> keys;
  for (const Received& message : messages) {
    keys.push_back(message.key);
  }
  return keys;
}

/// As a request names them.
std::string ids_of(const std::vector<Received>& messages) {
  std::string ids;
  for (const Received& message : messages) {
    ids += ids.empty() ? "" : ",";
    ids += message.id;
  }
  return ids;
}

/// The last part of a path, without a query: the id in a link.
std::string last_part(std::string_view link) {
  link = link.substr(0, link.find('?'));
  return std::string(link.substr(link.rfind('/') + 1));
}

std::optional<MessageKey> key_of(const JsonValue& message) {
  const auto body = message.member("body");
  const auto post = body ? number_in(*body, "post") : std::nullopt;
  const auto part = body ? number_in(*body, "part") : std::nullopt;
  if (!post || !part) {
    return std::nullopt;
  }
  const MessageKey key{*post, *part};
  return body->raw == body_of(key) ? std::optional(key) : std::nullopt;
}

std::string client_id(std::uint32_t number) {
  return fmt::format("00000000-0000-4000-8000-{:012x}", number);
}

}  // namespace

Time now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

ApiClient::ApiClient(Role role, ApiVersion version, const ApiClientOptions& options,
                     Numbers& numbers, std::uint64_t seed)
    : role_(role),
      version_(version),
      options_(options),
      numbers_(numbers),
      number_(numbers.client++),
      dice_(seed),
      host_(number_ % options.ports.size()) {
  for (const std::uint16_t port : options.ports) {
    hosts_.emplace_back(port, options.timeout);
  }
}

bool ApiClient::create_queue(std::uint32_t queue, std::string metadata) {
  Event event = begin(Action::create_queue, queue);
  return perform({"PUT", path(queue), {}, std::move(metadata)}, event).has_value();
}

std::string ApiClient::name_of(std::uint32_t queue) { return fmt::format("torture-{}", queue); }

bool ApiClient::remove_queue(std::uint32_t queue) {
  Event event = begin(Action::remove_queue, queue);
  return perform({"DELETE", path(queue), {}, {}}, event).has_value();
}

std::optional<std::vector<Received>> ApiClient::post(std::uint32_t queue, const Posting& posting) {
  Event event = begin(Action::post, queue);
  event.post = numbers_.post++;
  event.parts = posting.parts;
  event.ttl = posting.ttl;
  event.delay = posting.delay;
  std::string list;
  for (std::uint32_t part = 0; part < posting.parts; ++part) {
    fmt::format_to(std::back_inserter(list), R"({}{{"ttl": {}, "delay": {}, "body": {}}})",
                   part == 0 ? "" : ", ", posting.ttl, posting.delay, body_of({event.post, part}));
  }
  std::vector<int> refusals;
  if (posting.queue_may_be_missing) {
    refusals.push_back(404);
  }
  const bool bare = version_ == ApiVersion::v1;
  const auto response =
      perform({"POST",
               path(queue) + "/messages",
               {},
               fmt::format("{}[{}]{}", bare ? "" : R"({"messages": )", list, bare ? "" : "}")},
              event, refusals);
  if (!response) {
    return std::nullopt;
  }
  std::vector<Received> posted = read_posted(*response, event.post, posting.parts);
  for (const Received& message : posted) {
    events_.back().ids.push_back(numbers_.ids.number_of(message.id));
  }
  return posted;
}

Scan ApiClient::begin_scan(std::uint32_t queue) {
  return {numbers_.scan++, queue,
          fmt::format("{}/messages?echo=true&include_claimed=true&limit={}{}", path(queue),
                      kPageLimit, version_ == ApiVersion::v2 ? "&include_delayed=true" : "")};
}

std::optional<std::vector<Received>> ApiClient::next_page(Scan& scan) {
  Event event = begin(Action::list, scan.queue);
  event.scan = scan.number;
  event.limit = kPageLimit;
  const auto response = perform({"GET", scan.next, {}, {}}, event);
  if (!response) {
    return std::nullopt;
  }
  std::vector<Received> messages = read_messages(*response);
  note_shown(messages);
  if (!messages.empty()) {
    scan.next = read_next(*response);
  }
  return messages;
}

std::optional<std::vector<Received>> ApiClient::get(std::uint32_t queue, const Received& message) {
  Event event = begin(Action::get, queue);
  event.asked = {message.key};
  const auto response =
      perform({"GET", fmt::format("{}/messages/{}", path(queue), message.id), {}, {}}, event);
  if (!response) {
    return std::nullopt;
  }
  std::vector<Received> shown;
  if (response->status == 200) {
    const auto document = encoding::parse_json(response->body);
    if (auto read = document ? read_message(*document) : std::nullopt) {
      shown.push_back(*std::move(read));
    }
    note_shown(shown);
  }
  return shown;
}

std::optional<std::vector<Received>> ApiClient::get_many(std::uint32_t queue,
                                                         const std::vector<Received>& messages) {
  Event event = begin(Action::get, queue);
  event.asked = keys_of(messages);
  const auto response = perform(
      {"GET", fmt::format("{}/messages?ids={}", path(queue), ids_of(messages)), {}, {}}, event);
  if (!response) {
    return std::nullopt;
  }
  std::vector<Received> shown;
  if (response->status == 200) {
    shown = read_messages(*response);
    note_shown(shown);
  }
  return shown;
}

std::optional<Claimed> ApiClient::claim(std::uint32_t queue, std::uint32_t limit, std::int64_t ttl,
                                        std::int64_t grace, bool* answered) {
  Event event = begin(Action::claim, queue);
  event.claim = numbers_.claim++;
  event.limit = limit;
  event.ttl = ttl;
  event.grace = grace;
  const auto response = perform({"POST",
                                 fmt::format("{}/claims?limit={}", path(queue), limit),
                                 {},
                                 fmt::format(R"({{"ttl": {}, "grace": {}}})", ttl, grace)},
                                event);
  if (answered != nullptr) {
    *answered = response.has_value();
  }
  if (!response || response->status == 204) {
    return std::nullopt;
  }
  Claimed claimed{event.claim, queue, last_part(response->location), read_messages(*response)};
  note_shown(claimed.messages);
  events_.back().claim_id = numbers_.ids.number_of(claimed.id);
  return claimed;
}

void ApiClient::renew(const Claimed& claim, std::int64_t ttl, std::int64_t grace) {
  Event event = begin(Action::renew, claim.queue);
  event.claim = claim.number;
  event.ttl = ttl;
  event.grace = grace;
  perform({"PATCH",
           fmt::format("{}/claims/{}", path(claim.queue), claim.id),
           {},
           fmt::format(R"({{"ttl": {}, "grace": {}}})", ttl, grace)},
          event, {404});
}

void ApiClient::release(const Claimed& claim) {
  Event event = begin(Action::release, claim.queue);
  event.claim = claim.number;
  perform({"DELETE", fmt::format("{}/claims/{}", path(claim.queue), claim.id), {}, {}}, event);
}

bool ApiClient::erase(std::uint32_t queue, const Received& message, const Claimed* claim) {
  Event event = begin(Action::erase, queue);
  event.messages = {message.key};
  std::string target = fmt::format("{}/messages/{}", path(queue), message.id);
  if (claim != nullptr) {
    event.claim = claim->number;
    target += "?claim_id=" + claim->id;
  }
  return perform({"DELETE", std::move(target), {}, {}}, event, {400, 403}).has_value();
}

void ApiClient::erase_many(std::uint32_t queue, const std::vector<Received>& messages) {
  Event event = begin(Action::erase_many, queue);
  event.messages = keys_of(messages);
  perform({"DELETE", fmt::format("{}/messages?ids={}", path(queue), ids_of(messages)), {}, {}},
          event);
}

void ApiClient::erase_claimed(const Claimed& claim, const std::vector<Received>& messages) {
  Event event = begin(Action::erase_claimed, claim.queue);
  event.claim = claim.number;
  event.messages = keys_of(messages);
  perform({"DELETE",
           fmt::format("{}/messages?claim_ids={}&ids={}", path(claim.queue), claim.id,
                       ids_of(messages)),
           {},
           {}},
          event, {400, 403});
}

void ApiClient::pop(std::uint32_t queue, std::uint32_t limit) {
  Event event = begin(Action::pop, queue);
  event.limit = limit;
  const auto response =
      perform({"DELETE", fmt::format("{}/messages?pop={}", path(queue), limit), {}, {}}, event);
  if (response) {
    note_shown(read_messages(*response));
  }
}

bool ApiClient::purge(std::uint32_t queue) {
  Event event = begin(Action::purge, queue);
  return perform({"POST", path(queue) + "/purge", {}, R"({"resource_types": ["messages"]})"}, event)
      .has_value();
}

std::optional<HttpResponse> ApiClient::perform(HttpRequest request, Event& event,
                                               const std::vector<int>& refusals) {
  request.headers = {{"X-Project-Id", "torture"}, {"Client-ID", client_id(number_)}};
  const std::optional<Cut> cut = choose_cut();
  HttpClient& http = choose_host();
  event.start = now();
  std::optional<HttpResponse> response = http.exchange(request, cut);
  event.end = now();
  event.status = response ? response->status : 0;
  if (!response && event.end - event.start >= patience()) {
    host_ = dice_() % hosts_.size();  // it may sleep for long
  }
  if (event.status == 0 || event.status == 503) {
    event.outcome = Outcome::lost;
    if (http.sent()) {
      note(event);
    }
    if (!cut) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::nullopt;
  }
  const bool done = (event.status >= 200 && event.status < 300) ||
                    (event.status == 404 && event.action == Action::get);
  event.outcome = done ? Outcome::done : Outcome::refused;
  if (event.status >= 500) {
    event.outcome = Outcome::lost;
  }
  note(event);
  if (!done && std::ranges::find(refusals, event.status) == refusals.end()) {
    surprise(
        fmt::format("{} {}: {} {}", request.method, request.target, event.status, response->body));
  }
  return done ? std::move(response) : std::nullopt;
}

Event ApiClient::begin(Action action, std::uint32_t queue) const {
  Event event;
  event.client = number_;
  event.role = role_;
  event.queue = queue;
  event.action = action;
  return event;
}

HttpClient& ApiClient::choose_host() {
  constexpr double kMoves = 0.05;
  if (hosts_.size() > 1 && std::uniform_real_distribution<double>(0, 1)(dice_) < kMoves) {
    host_ = dice_() % hosts_.size();
  }
  return hosts_[host_];
}

std::optional<Cut> ApiClient::choose_cut() {
  std::uniform_real_distribution<double> part(0, 1);
  if (options_.cuts <= 0 || part(dice_) >= options_.cuts) {
    return std::nullopt;
  }
  ++cuts_;
  return Cut{part(dice_) < 0.5 ? Cut::Where::request : Cut::Where::response, part(dice_)};
}

std::string ApiClient::path(std::uint32_t queue) const {
  return fmt::format("{}/queues/{}", prefix_of(version_), name_of(queue));
}

std::vector<Received> ApiClient::read_messages(const HttpResponse& response) {
  std::vector<Received> messages;
  if (response.status == 204) {
    return messages;
  }
  const auto document = encoding::parse_json(response.body);
  const auto list = !document                       ? std::nullopt
                    : document->is(JsonKind::array) ? std::optional(*document)
                                                    : document->member("messages");
  if (!list || !list->is(JsonKind::array)) {
    surprise("an answer without a list of messages: " + response.body);
    return messages;
  }
  for (const JsonValue& element : list->elements()) {
    if (auto message = read_message(element)) {
      messages.push_back(*std::move(message));
    }
  }
  return messages;
}

std::optional<Received> ApiClient::read_message(const JsonValue& message) {
  const auto key = key_of(message);
  const auto href = text_in(message, "href");
  const auto id = href ? last_part(*href) : text_in(message, "id");  // popped: without a link
  if (!key || !id) {
    surprise("a message that was not posted like this: " + std::string(message.raw));
    return std::nullopt;
  }
  return Received{*key, *id};
}

void ApiClient::note_shown(const std::vector<Received>& messages) {
  Event& event = events_.back();
  for (const Received& message : messages) {
    event.messages.push_back(message.key);
    event.ids.push_back(numbers_.ids.number_of(message.id));
  }
}

std::vector<Received> ApiClient::read_posted(const HttpResponse& response, std::uint32_t post,
                                             std::uint32_t parts) {
  const auto document = encoding::parse_json(response.body);
  const auto resources = document ? document->member("resources") : std::nullopt;
  std::vector<Received> posted;
  for (const JsonValue& each : resources ? resources->elements() : std::vector<JsonValue>{}) {
    const auto href = each.as_string();
    const auto part = static_cast<std::uint32_t>(posted.size());
    posted.push_back({{post, part}, href ? last_part(*href) : std::string()});
  }
  if (posted.size() != parts) {
    surprise("a post was not answered by as many ids: " + response.body);
    posted.clear();
  }
  return posted;
}

std::string ApiClient::read_next(const HttpResponse& response) {
  const auto document = encoding::parse_json(response.body);
  const auto links = document ? document->member("links") : std::nullopt;
  for (const JsonValue& link : links ? links->elements() : std::vector<JsonValue>{}) {
    if (text_in(link, "rel") == "next") {
      if (auto href = text_in(link, "href")) {
        return *std::move(href);
      }
    }
  }
  surprise("a page without a next link: " + response.body);
  return {};
}

void ApiClient::surprise(std::string what) {
  if (surprises_.size() < kSurprisesKept) {
    surprises_.push_back(std::move(what));
  }
}

}  // namespace marconi::history
