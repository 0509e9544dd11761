// The clients that an attack must not hurt.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace marconi::siege {

/// What came of a time of work.
struct VictimsReport {
  std::vector<double> milliseconds;   ///< of each request, from when it was due
  std::uint64_t connections = 0;      ///< opened
  std::uint64_t reconnections = 0;    ///< of these, since one that was kept had been closed
  std::vector<std::string> problems;  ///< wrong answers and missing ones; at most a few
  std::uint64_t wrong = 0;            ///< how many there were

  void add(const VictimsReport& other);
  /// `share` from 0 to 1; zero if there was no request.
  [[nodiscard]] double percentile(double share) const;
};

/// Each victim is a client with an address and a queue of its own, and by turns posts a message and
/// lists what is new, which must be just that message. A request on a connection that has been
/// closed is repeated once. Requests are due at fixed times, whatever the answers take. Most
/// victims keep their connections; every fourth opens one for each request.
class Victims {
 public:
  static constexpr std::size_t kCount = 16;
  static constexpr std::chrono::milliseconds kPeriod{50};  // between two requests of a victim

  explicit Victims(std::uint16_t port);
  Victims(const Victims&) = delete;
  Victims& operator=(const Victims&) = delete;
  ~Victims();

  /// Lets all work, on threads of their own, and waits for them.
  [[nodiscard]] VictimsReport work(std::chrono::milliseconds duration);

 private:
  class Victim;
  std::vector<std::unique_ptr<Victim>> victims_;
};

}  // namespace marconi::siege
