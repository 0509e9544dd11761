// A client of the queue API, in any of its versions, that writes down all it does.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "encoding/json_document.h"
#include "history/history.h"
#include "history/http_client.h"
#include "history/id_numbers.h"

namespace marconi::history {

enum class ApiVersion { v1, v1_1, v2 };

/// What the clients of a run share: numbers that are used once.
struct Numbers {
  std::atomic<std::uint32_t> post{1};
  std::atomic<std::uint32_t> claim{1};
  std::atomic<std::uint32_t> scan{1};
  std::atomic<std::uint32_t> client{1};
  IdNumbers ids;
};

struct ApiClientOptions {
  std::vector<std::uint16_t> ports;  ///< of all hosts; a client moves between them now and then
  std::chrono::milliseconds timeout{30'000};
  double cuts = 0;  ///< how many of its exchanges it cuts, from 0 to 1
};

/// A message as a client got it.
struct Received {
  MessageKey key;
  std::string id;
};

/// What a post brings.
struct Posting {
  std::uint32_t parts = 1;
  std::int64_t ttl = 0;               ///< seconds
  std::int64_t delay = 0;             ///< seconds; for v2, and for queues made so
  bool queue_may_be_missing = false;  ///< v1 refuses the post then
};

/// A claim with at least one message.
struct Claimed {
  std::uint32_t number = 0;
  std::uint32_t queue = 0;
  std::string id;
  std::vector<Received> messages;
};

/// An observer's place in a queue.
struct Scan {
  std::uint32_t number = 0;
  std::uint32_t queue = 0;
  std::string next;  ///< target of the next page; empty: the first one
};

/// For one thread. Requests that never left are not written down and count as not made; a short
/// pause follows these and lost answers, to leave the processor to a server that starts.
class ApiClient {
 public:
  static constexpr std::uint32_t kPageLimit = 20;

  ApiClient(Role role, ApiVersion version, const ApiClientOptions& options, Numbers& numbers,
            std::uint64_t seed);

  /// Makes a queue with this metadata, a JSON object, unless it is there; whether that was
  /// acknowledged. v2 only.
  bool create_queue(std::uint32_t queue, std::string metadata = {});
  [[nodiscard]] static std::string name_of(std::uint32_t queue);
  /// Whether it was acknowledged.
  bool remove_queue(std::uint32_t queue);

  /// The messages; nothing if it was not acknowledged.
  std::optional<std::vector<Received>> post(std::uint32_t queue, const Posting& posting);

  [[nodiscard]] Scan begin_scan(std::uint32_t queue);
  /// Takes the next page and moves on; nothing if there was no answer.
  std::optional<std::vector<Received>> next_page(Scan& scan);

  /// One by its path, or several by their ids: those that are there; nothing without an answer.
  std::optional<std::vector<Received>> get(std::uint32_t queue, const Received& message);
  std::optional<std::vector<Received>> get_many(std::uint32_t queue,
                                                const std::vector<Received>& messages);

  /// Nothing: no answer, or, if `answered` says so, nothing to claim.
  std::optional<Claimed> claim(std::uint32_t queue, std::uint32_t limit, std::int64_t ttl,
                               std::int64_t grace, bool* answered = nullptr);
  void renew(const Claimed& claim, std::int64_t ttl, std::int64_t grace);
  void release(const Claimed& claim);

  /// `claim` may be null. Whether it was acknowledged.
  bool erase(std::uint32_t queue, const Received& message, const Claimed* claim);
  void erase_many(std::uint32_t queue, const std::vector<Received>& messages);
  /// Messages that `claim` has to hold; v2, and a server that wants that.
  void erase_claimed(const Claimed& claim, const std::vector<Received>& messages);

  /// v1.1 and v2.
  void pop(std::uint32_t queue, std::uint32_t limit);
  /// Whether it was acknowledged. v2.
  bool purge(std::uint32_t queue);

  [[nodiscard]] ApiVersion version() const { return version_; }

  [[nodiscard]] std::vector<Event> take_events() { return std::move(events_); }
  /// Whether there was an answer that no server should give, or none for too long.
  [[nodiscard]] bool was_surprised() const { return !surprises_.empty(); }
  /// Those answers, in words.
  [[nodiscard]] std::vector<std::string> take_surprises() { return std::move(surprises_); }
  /// Notes one more; the first ones are kept.
  void surprise(std::string what);
  [[nodiscard]] std::size_t cuts() const { return cuts_; }

 private:
  /// Sends the request and notes the event, its outcome and times filled in; nothing unless the
  /// answer is 2xx, or says that nothing is there to be got. 4xx other than `refusals` are
  /// surprises.
  std::optional<HttpResponse> perform(HttpRequest request, Event& event,
                                      const std::vector<int>& refusals = {});
  void note(Event event) { events_.push_back(std::move(event)); }
  [[nodiscard]] Event begin(Action action, std::uint32_t queue) const;
  [[nodiscard]] std::optional<Cut> choose_cut();
  /// The connection to the present host, or, now and then, to another one from now on.
  [[nodiscard]] HttpClient& choose_host();
  [[nodiscard]] Time patience() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(options_.timeout).count();
  }
  [[nodiscard]] std::string path(std::uint32_t queue) const;
  [[nodiscard]] std::vector<Received> read_messages(const HttpResponse& response);
  /// Nothing, and a surprise, if it is not one of the run's.
  [[nodiscard]] std::optional<Received> read_message(const encoding::JsonValue& message);
  /// Writes down what the last event's answer showed.
  void note_shown(const std::vector<Received>& messages);
  /// The messages of this post; none, and a surprise, if the answer has not as many ids.
  [[nodiscard]] std::vector<Received> read_posted(const HttpResponse& response, std::uint32_t post,
                                                  std::uint32_t parts);
  [[nodiscard]] std::string read_next(const HttpResponse& response);

  Role role_;
  ApiVersion version_;
  ApiClientOptions options_;
  Numbers& numbers_;
  std::uint32_t number_;
  std::mt19937_64 dice_;
  std::deque<HttpClient> hosts_;
  std::size_t host_;
  std::vector<Event> events_;
  std::vector<std::string> surprises_;
  std::size_t cuts_ = 0;
};

/// The run's clock.
[[nodiscard]] Time now();

}  // namespace marconi::history
