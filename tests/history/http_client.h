// A small blocking HTTP/1.1 client with one kept-alive connection, for tests. Losing an answer is
// an ordinary outcome here, and can be arranged.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace marconi::history {

struct HttpRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< sent with a length if not empty, or if the method is POST, PUT or PATCH
};

struct HttpResponse {
  int status = 0;
  std::string location;
  std::string body;
};

/// Cuts the connection in the middle of an exchange.
struct Cut {
  enum class Where { request, response };
  Where where = Where::request;
  double fraction = 0;  ///< of the request's bytes sent; of a response, how many of its first
                        ///< 512 bytes are taken
};

/// Talks to 127.0.0.1. For one thread.
class HttpClient {
 public:
  HttpClient(std::uint16_t port, std::chrono::milliseconds timeout)
      : port_(port), timeout_(timeout) {}
  ~HttpClient() { disconnect(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Connects if need be. Nothing if no whole answer came within the timeout, and always if the
  /// exchange was cut: then the request may or may not have had its effect, unless it was never
  /// sent (see sent()).
  [[nodiscard]] std::optional<HttpResponse> exchange(const HttpRequest& request,
                                                     std::optional<Cut> cut = std::nullopt);

  /// From then on connects from this address of 127.0.0.0/8, in host byte order.
  void connect_from(std::uint32_t address) { own_address_ = address; }

  /// Whether any byte of the last request may have reached the server.
  [[nodiscard]] bool sent() const { return sent_; }

  void disconnect();

 private:
  [[nodiscard]] bool connect();
  [[nodiscard]] bool send(std::string_view bytes);
  /// Appends what comes next to buffer_; false at the end or after the timeout.
  [[nodiscard]] bool receive();
  [[nodiscard]] std::optional<HttpResponse> read_response();
  void take_up_to(std::size_t bytes);

  std::uint16_t port_;
  std::chrono::milliseconds timeout_;
  std::uint32_t own_address_ = 0;  // 0: the system chooses
  int socket_ = -1;
  bool sent_ = false;
  std::string buffer_;
};

}  // namespace marconi::history
