// What the tests of the HTTP server share: a client on a plain socket, a scripted handler, and a
// feed of commits that a test controls.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/handler.h"
#include "base/commit_feed.h"
#include "transport/http/server.h"

namespace marconi::transport::http::testing {

/// An answer as a client sees it.
struct Reply {
  int status = 0;  ///< 0: none came
  std::string head;
  std::string body;

  /// The value of a header, or a text that no header has if it is absent.
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] bool has_header(std::string_view name) const;
};

/// A client that blocks. Anything that takes longer than some seconds counts as not happening.
class Client {
 public:
  /// `from`: the client's own address; empty: the system chooses.
  explicit Client(std::uint16_t port, const std::string& host = "127.0.0.1",
                  const std::string& from = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  [[nodiscard]] bool is_connected() const { return connected_; }

  /// False if the server has closed the connection.
  bool send(std::string_view text);
  /// Sends nothing more, but still reads.
  void close_sending();
  /// Ends the connection such that the server sees an error.
  void reset();

  /// The next answer; `to_head`: it has no body whatever its length says.
  Reply read_reply(bool to_head = false);
  /// As many bytes as asked for, or fewer if the connection ends.
  std::string read_bytes(std::size_t count);
  /// Whether the server closes the connection without sending anything more.
  bool is_closed_by_server();

 private:
  bool fill();

  int socket_ = -1;
  bool connected_ = false;
  std::string received_;
};

/// A handler that does what a test says; by default answers 200 with the target as body.
class ScriptedHandler final : public api::Handler {
 public:
  using Script = std::function<api::Response(const api::Request&, base::Patience)>;

  ScriptedHandler();

  Script script;
  std::uint64_t limit = 1000;
  std::uint64_t least_limit = 0;  ///< up to which size the limit need not be asked for

  [[nodiscard]] std::uint64_t body_limit(std::string_view, std::string_view) const override {
    return limit;
  }
  [[nodiscard]] std::uint64_t least_body_limit() const override { return least_limit; }
  api::Response handle(const api::Request& request, base::Patience patience) override;
  [[nodiscard]] api::Response on_commit_failure(const api::Request& request) const override;
  [[nodiscard]] api::Response on_overload() const override;

  /// Waits until `handle` has been called that often in all. False if that does not happen.
  bool wait_for_calls(int count);

 private:
  std::mutex mutex_;
  std::condition_variable called_;
  int calls_ = 0;
};

/// The announcements of a store, made by the test.
class ScriptedFeed final : public base::CommitFeed {
 public:
  void subscribe(base::CommitListener& listener) override;
  void unsubscribe(base::CommitListener& listener) override;

  void announce(std::uint64_t up_to, base::CommitOutcome outcome = base::CommitOutcome::durable);

 private:
  std::mutex mutex_;
  std::vector<base::CommitListener*> listeners_;
};

/// A server on a port of its own with one loop, and what it depends on.
struct Rig {
  ServerOptions options;
  ScriptedHandler handler;
  ScriptedFeed feed;
  std::unique_ptr<AccessLog> log;
  std::unique_ptr<Server> server;

  Rig();
  void start();
  [[nodiscard]] std::unique_ptr<Client> connect(const std::string& from = {}) const;
  [[nodiscard]] std::uint64_t count(std::string_view name) const;
  /// Waits until a count has reached a value. False if that does not happen.
  [[nodiscard]] bool wait_for_count(std::string_view name, std::uint64_t value) const;
};

/// An answer with a status and a body.
api::Response response(int status, std::string body = {});

/// A request without a body.
std::string get(std::string_view target);
/// A request with a body and its length.
std::string post(std::string_view target, std::string_view body);

}  // namespace marconi::transport::http::testing
