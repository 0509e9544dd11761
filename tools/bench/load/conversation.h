// What one connection says to a server and how it reads the answers: the only part of the load
// generator that differs from protocol to protocol.

#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

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

/// The texts of a conversation. `request` is sent as it is. If `follow_up` is not empty, it is
/// sent after each answer to `request`, with what that answer named in the place of a marker:
/// `{id}` for the first id, `{ids}` for all of them with commas between, `{href}` for the first
/// link (HTTP only).
struct Script {
  std::string request;
  std::string follow_up;
};

/// HTTP/1.1 with Content-Length. The answers to be followed up are JSON documents with the members
/// "id" and "href" of messages; one without any is dry.
std::unique_ptr<Conversation> http_conversation(const Script& script);

/// Redis: commands answered by one line or one bulk string. Knows no follow-up.
std::unique_ptr<Conversation> redis_conversation(const Script& script);

/// beanstalkd: put, reserve-with-timeout and delete. A time-out is dry.
std::unique_ptr<Conversation> beanstalk_conversation(const Script& script);

/// The conversation of that protocol ("http", "redis", "beanstalk"), or what is wrong.
std::expected<std::unique_ptr<Conversation>, std::string> make_conversation(
    std::string_view protocol, const Script& script);

}  // namespace marconi::load
