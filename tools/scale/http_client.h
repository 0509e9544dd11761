// A blocking HTTP/1.1 client for one server on this machine, with as little cost of its own as
// possible.

#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace marconi::scale {

/// The server or the connection to it did not do what the run needs; the run is over.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An answer. The views are valid until the next receive().
struct Answer {
  int status = 0;
  std::string_view head;
  std::string_view body;

  /// The value of the header `Location`; empty if there is none.
  [[nodiscard]] std::string_view location() const;
};

struct Request {
  std::string_view method;
  std::string_view target;
  std::string_view client;  ///< the Client-ID
  std::string_view body;    ///< JSON; empty: none
};

/// Appends the bytes of `request` to `out`.
void render(const Request& request, std::string& out);

/// One connection. Several requests may be sent before their answers are received. Throws Failure.
/// Not thread-safe.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends all of it.
  void send(std::string_view bytes);

  /// The next answer.
  Answer receive();

  /// The next answer, which has to have that status.
  Answer expect(int status);

 private:
  std::size_t read_more();

  int socket_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been handed out
  std::size_t end_ = 0;    // of what has been received
};

}  // namespace marconi::scale
