// What a hostile client does, as data.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace marconi::siege {

/// How much the client reads of its answers.
enum class Reading { all, a_little, none };

/// What the client does with a connection once it has sent its opening.
enum class Then { stay, close_half, close, reset };

/// How the connections of an attack must fare.
struct Expectation {
  std::set<int> statuses;                     ///< no answer has another
  bool every_connection_is_answered = false;  ///< before the server ends it
  bool all_are_held = false;                  ///< at a time
};

struct Attack {
  std::string name;
  std::string what;                      ///< a phrase for the report
  std::size_t connections = 0;           ///< held at a time
  std::size_t clients = 100;             ///< addresses that they come from
  std::size_t opened_per_second = 2000;  ///< at most
  /// What the connection with this number sends at once.
  std::function<std::string(std::size_t number)> opening = [](std::size_t) {
    return std::string();
  };
  bool asks_again = false;  ///< sends its opening again after each answer
  std::string stream = {};  ///< otherwise sent over and over from then on
  /// The pause between two bytes of the stream; none: as fast as the server takes it.
  std::chrono::milliseconds byte_every{0};
  Reading reading = Reading::all;
  Then then = Then::stay;
  bool opens_again = true;  ///< another one for each that has ended
  Expectation expectation = {};
};

/// Where the attacks find what they ask for.
struct Target {
  std::string small_list;  ///< the path of a list of small messages
  std::string large_list;  ///< of a list of some megabytes
  std::string post;        ///< a path that takes messages
};

/// What attacks that stay below the limit of connections leave of it to others.
inline constexpr std::size_t kRoomForOthers = 100;

/// All attacks on a server that keeps at most `max_connections`.
[[nodiscard]] std::vector<Attack> attacks(const Target& target, std::size_t max_connections);

/// The headers that a request to the API needs, each with its line end.
[[nodiscard]] std::string usual_headers();

}  // namespace marconi::siege
