// What one connection says to a server and how it reads the answers: the only part of the load
// generator that differs from protocol to protocol.

#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace marconi::load {

enum class Outcome {
  done,    ///< what was asked for has happened
  failed,  ///< the server refused
  dry,     ///< there was nothing left to take
};

struct Answer {
  std::size_t size = 0;  ///< its length in bytes; 0 while it has not arrived completely
  Outcome outcome = Outcome::done;
};

/// The requests of one connection, one after the other. Not thread-safe.
class Conversation {
 public:
  virtual ~Conversation() = default;

  /// The next request; valid until the next call of either function.
  virtual std::string_view request() = 0;

  /// Reads the answer at the start of `bytes`.
  virtual Answer answer(std::string_view bytes) = 0;
};

/// The texts of all connections' conversations. `requests`, of which there is at least one, are
/// sent as they are, in turn. If `follow_up` is not empty, it is sent after each answer to a
/// request, with what that answer named in the place of a marker: `{id}` for the first id, `{ids}`
/// for all of them with commas between, `{href}` for the first link (HTTP only).
struct Script {
  std::vector<std::string> requests;
  std::string follow_up;
};

/// Hands out a script's requests in turn. Keeps a reference to them.
class Requests {
 public:
  /// Begins with the request of this number, counted around.
  Requests(const Script& script, std::size_t first)
      : texts_(script.requests), next_(first % texts_.size()) {}

  std::string_view next() {
    const std::string_view text = texts_[next_];
    next_ = next_ + 1 == texts_.size() ? 0 : next_ + 1;
    return text;
  }

 private:
  const std::vector<std::string>& texts_;
  std::size_t next_;
};

/// HTTP/1.1 with Content-Length. The answers to be followed up are JSON documents with the members
/// "id" and "href" of messages; one without any is dry.
std::unique_ptr<Conversation> http_conversation(const Script& script, std::size_t first);

/// Redis: commands answered by one line or one bulk string. Knows no follow-up.
std::unique_ptr<Conversation> redis_conversation(const Script& script, std::size_t first);

/// beanstalkd: put, reserve-with-timeout and delete. A time-out is dry.
std::unique_ptr<Conversation> beanstalk_conversation(const Script& script, std::size_t first);

/// The conversation of that protocol ("http", "redis", "beanstalk"), which begins with the request
/// number `first`, or what is wrong. The script must outlive it.
std::expected<std::unique_ptr<Conversation>, std::string> make_conversation(
    std::string_view protocol, const Script& script, std::size_t first);

}  // namespace marconi::load
