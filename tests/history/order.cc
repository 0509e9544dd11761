#include "history/order.h"

#include <algorithm>

namespace marconi::history {

Order::Order(const QueueFacts& facts)
    : messages_(facts.messages.size()), nodes_(facts.messages.size()) {
  add_posts(facts);
  add_scans(facts);
  index_edges();
  sort();
}

void Order::add_posts(const QueueFacts& facts) {
  std::vector<const PostFacts*> stored;
  for (const PostFacts& post : facts.posts) {
    for (Index part = 1; part < post.event->parts; ++part) {
      edges_.push_back({post.first + part - 1, post.first + part});
    }
    if (post.stored_by != kNever && post.event->parts > 0) {
      stored.push_back(&post);
    }
  }
  std::ranges::sort(stored, {}, [](const PostFacts* post) { return post->stored_by; });
  const auto instants = static_cast<Index>(nodes_);
  nodes_ += stored.size();
  for (Index i = 0; i < stored.size(); ++i) {
    edges_.push_back({stored[i]->first + stored[i]->event->parts - 1, instants + i});
    if (i > 0) {
      edges_.push_back({instants + i - 1, instants + i});
    }
  }
  for (const PostFacts& post : facts.posts) {
    if (post.event->parts == 0) {
      continue;
    }
    const auto later = std::ranges::lower_bound(
        stored, post.event->start, {}, [](const PostFacts* other) { return other->stored_by; });
    if (later != stored.begin()) {
      edges_.push_back({instants + static_cast<Index>(later - stored.begin()) - 1, post.first});
    }
  }
}

void Order::add_scans(const QueueFacts& facts) {
  std::vector<Index> scanned_by(messages_, kNone);
  for (Index scan = 0; scan < facts.scans.size(); ++scan) {
    Index previous = kNone;
    for (const Event* page : facts.scans[scan].pages) {
      for (const MessageKey key : page->messages) {
        const Index message = facts.find(key);
        if (message == kNone || scanned_by[message] == scan) {
          continue;  // judged by other rules
        }
        scanned_by[message] = scan;
        if (previous != kNone) {
          edges_.push_back({previous, message});
        }
        previous = message;
      }
    }
  }
}

void Order::index_edges() {
  begins_.assign(nodes_ + 1, 0);
  for (const Edge& edge : edges_) {
    ++begins_[edge.from + 1];
  }
  for (std::size_t node = 0; node < nodes_; ++node) {
    begins_[node + 1] += begins_[node];
  }
  std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
  std::vector<Edge> ordered(edges_.size());
  for (const Edge& edge : edges_) {
    ordered[next[edge.from]++] = edge;
  }
  edges_ = std::move(ordered);
}

void Order::sort() {
  std::vector<Index> before(nodes_, 0);
  for (const Edge& edge : edges_) {
    ++before[edge.to];
  }
  for (Index node = 0; node < nodes_; ++node) {
    if (before[node] == 0) {
      sorted_.push_back(node);
    }
  }
  for (std::size_t at = 0; at < sorted_.size(); ++at) {
    const Index node = sorted_[at];
    for (const Edge* edge = edges_begin(node); edge != edges_end(node); ++edge) {
      if (--before[edge->to] == 0) {
        sorted_.push_back(edge->to);
      }
    }
  }
}

std::vector<Index> Order::contradiction() const {
  std::vector<bool> placed(nodes_, false);
  for (const Index node : sorted_) {
    placed[node] = true;
  }
  // Every node that could not be placed has such a predecessor: going back must meet a cycle.
  std::vector<Index> before(nodes_, kNone);
  Index node = kNone;
  for (const Edge& edge : edges_) {
    if (!placed[edge.from] && !placed[edge.to]) {
      before[edge.to] = edge.from;
      node = edge.to;
    }
  }
  if (node == kNone) {
    return {};
  }
  std::vector<bool> met(nodes_, false);
  while (!met[node]) {
    met[node] = true;
    node = before[node];
  }
  std::vector<Index> cycle;
  const Index start = node;
  do {
    if (node < messages_) {
      cycle.push_back(node);
    }
    node = before[node];
  } while (node != start);
  std::ranges::reverse(cycle);
  return cycle;
}

std::vector<Index> Order::lowest_after(const std::vector<Index>& places) const {
  std::vector<Index> lowest(nodes_, kNone);
  for (auto node = sorted_.rbegin(); node != sorted_.rend(); ++node) {
    for (const Edge* edge = edges_begin(*node); edge != edges_end(*node); ++edge) {
      lowest[*node] = std::min(lowest[*node], lowest[edge->to]);
      if (edge->to < messages_) {
        lowest[*node] = std::min(lowest[*node], places[edge->to]);
      }
    }
  }
  lowest.resize(messages_);
  return lowest;
}

}  // namespace marconi::history
