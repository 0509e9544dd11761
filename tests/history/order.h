// The order of a queue's messages, as far as it is certain: a graph whose edges say "comes before".
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "history/facts.h"

namespace marconi::history {

/// Messages are the first nodes, by their indices. One more node for each stored post stands for
/// the instant from which it is stored; these form a chain in time. So real time takes as many
/// edges as there are posts, not their square.
class Order {
 public:
  explicit Order(const QueueFacts& facts);

  /// Messages that form a cycle, in its order; empty if one order agrees with everything.
  [[nodiscard]] std::vector<Index> contradiction() const;

  /// For each message the lowest value of `places` among the messages that certainly come after
  /// it; kNone if there is none. `places` has a value for each message, kNone for "no place".
  [[nodiscard]] std::vector<Index> lowest_after(const std::vector<Index>& places) const;

 private:
  struct Edge {
    Index from;
    Index to;
  };

  void add_posts(const QueueFacts& facts);
  void add_scans(const QueueFacts& facts);
  void index_edges();
  void sort();
  [[nodiscard]] const Edge* edges_begin(Index node) const { return edges_.data() + begins_[node]; }
  [[nodiscard]] const Edge* edges_end(Index node) const {
    return edges_.data() + begins_[node + 1];
  }

  std::size_t messages_;
  std::size_t nodes_;
  std::vector<Edge> edges_;          ///< by their origin
  std::vector<std::size_t> begins_;  ///< of each node's edges
  std::vector<Index> sorted_;        ///< without the nodes on a cycle and behind one
};

}  // namespace marconi::history
