// For tests: the application over a store in memory, with a clock that stands still, and requests
// that read like the ones on the wire.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/application.h"
#include "api/ascii.h"
#include "base/clock.h"
#include "base/random.h"
#include "service/claim_service.h"
#include "service/health_service.h"
#include "service/message_service.h"
#include "service/queue_service.h"
#include "storage/memory/memory_store.h"
#include "storage/store.h"

namespace marconi::api {

inline constexpr std::string_view kClient = "3381af92-2b9e-11e3-b191-71861300734c";
inline constexpr std::string_view kOtherClient = "b2a6b2a0-0000-4000-8000-00000000000b";

/// A request as a client would send it; by default by a well-behaved client of project `acme`.
class Ask {
 public:
  Ask(std::string method, std::string target)
      : method_(std::move(method)), target_(std::move(target)) {
    with("Client-ID", kClient);
    with("X-Project-Id", "acme");
  }
  /// The same with a body.
  Ask(std::string method, std::string target, std::string body)
      : Ask(std::move(method), std::move(target)) {
    body_ = std::move(body);
    length_ = body_.size();
  }

  Ask& with(std::string_view name, std::string_view value) {
    without(name);
    return also(name, value);
  }
  /// Adds a header without replacing one of the same name.
  Ask& also(std::string_view name, std::string_view value) {
    headers_.emplace_back(name, value);
    return *this;
  }
  Ask& without(std::string_view name) {
    std::erase_if(headers_, [&](const auto& h) { return equals_ignoring_case(h.first, name); });
    return *this;
  }
  /// Announces a body of this size and sends none, as if the transport had not read it.
  Ask& announcing(std::uint64_t length) {
    length_ = length;
    return *this;
  }

 private:
  friend class Harness;
  std::string method_;
  std::string target_;
  std::string body_;
  std::optional<std::uint64_t> length_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

/// An answer, with headers looked up without regard to case.
struct Answer {
  Response response;

  [[nodiscard]] int status() const { return response.status; }
  [[nodiscard]] const std::string& body() const { return response.body; }
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const {
    for (const auto& [key, value] : response.headers) {
      if (equals_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
  }
};

/// The application over any store.
class Harness {
 public:
  Harness(storage::Store& store, const base::Clock& clock, ApiOptions options = {})
      : queues_(store.queues(), options.limits),
        messages_(store.queues(), store.messages(), options.limits),
        claims_(store.claims(), options.limits),
        health_(store, clock, random_),
        application_({queues_, messages_, claims_, health_}, std::move(options)) {}

  Answer operator()(const Ask& ask, base::Patience patience = base::Patience::may_wait) {
    return with_request(
        ask, [&](const Request& request) { return application_.handle(request, patience); });
  }

  Answer after_failed_commit(const Ask& ask) {
    return with_request(
        ask, [&](const Request& request) { return application_.on_commit_failure(request); });
  }

  Application& application() { return application_; }

 private:
  template <class Action>
  Answer with_request(const Ask& ask, Action action) {
    std::vector<Header> headers;
    for (const auto& [name, value] : ask.headers_) headers.push_back({name, value});
    // Behind the body there is what a parser must not take for a part of it.
    const std::string padded = ask.body_ + std::string(Request::kBodyPadding, '}');
    Request request;
    request.method = ask.method_;
    request.target = ask.target_;
    request.headers = headers;
    request.request_id = "req-1";
    request.content_length = ask.length_;
    request.body = std::string_view(padded).substr(0, ask.body_.size());
    return {action(request)};
  }

  base::SystemRandom random_;
  service::QueueService queues_;
  service::MessageService messages_;
  service::ClaimService claims_;
  service::HealthService health_;
  Application application_;
};

/// The application over a fresh store in memory.
class MemoryApi {
 public:
  explicit MemoryApi(ApiOptions options = {}) : harness_(store_, clock_, std::move(options)) {}

  Answer operator()(const Ask& ask) { return harness_(ask); }
  base::ManualClock& clock() { return clock_; }
  Application& application() { return harness_.application(); }

 private:
  base::ManualClock clock_{1'767'261'600'000};  // 2026-01-01T10:00:00Z
  base::SystemRandom random_;
  storage::memory::MemoryStore store_{clock_, random_};
  Harness harness_;
};

/// The error document of the catalogue.
inline std::string error_body(std::string_view title, std::string_view description) {
  std::string body = "{\"title\": \"" + std::string(title) + "\"";
  if (!description.empty()) {
    body += ", \"description\": \"";
    for (const char c : description) {
      if (c == '"' || c == '\\') body += '\\';
      body += c;
    }
    body += '"';
  }
  return body + "}";
}

/// What stands between two texts, starting the search behind `from`; empty if there is nothing.
inline std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const auto start = text.find(before);
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start + before.size());
  return std::string(text.substr(0, text.find(after)));
}

/// The last segment of a path, without a query.
inline std::string last_segment(std::string_view path) {
  path = path.substr(0, path.find('?'));
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace marconi::api
