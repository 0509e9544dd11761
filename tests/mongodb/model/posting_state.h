// What a moment of the posting model is made of: the documents of one queue, and what each host
// remembers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace marconi::mongodb::model {

using Byte = std::uint8_t;

/// At most so much fits into a state.
constexpr int kDocuments = 4;
constexpr int kPosts = 3;
constexpr int kProducers = 2;
constexpr int kTags = 4;                 ///< In `p` at one time.
constexpr int kLetter = kDocuments - 1;  ///< Its document, if there is a letter.

/// The steps of a post, in their order. With transactions there are only begin_transaction, help
/// and commit_transaction.
enum class PostStep : Byte {
  recall,  ///< Instead of the three steps that follow: start from the counter as remembered.
  read_counter,
  help,
  choose_base,
  write_documents,
  commit,
  announce,  ///< Only without Protection::commit_is_one_change: `p` changes after `v`.
  publish,
  withdraw,            ///< The queue is gone: remove what was written.
  begin_transaction,   ///< Change the counter, read and write, unseen.
  commit_transaction,  ///< All at once, unless somebody else changed the counter.
  finished,
  crashed,
};

/// The steps of a reader. The last is only taken if there is a letter beyond the counter.
enum class ReadStep : Byte { read_counter, help, scan, count_letter };

/// The steps of removing a queue.
enum class RemovalStep : Byte { read_counter, purge, remove_counter, finished };

/// What a step can break.
enum class Property : Byte { none, once, order, visible_when_acknowledged, not_held_up };

enum class Life : Byte { absent, stored, gone };

/// `p`, or what somebody read of it; ends at the first 0.
using Tags = std::array<Byte, kTags>;

/// Documents are numbered by producer, post and place in the post; sets of them are bits.
using Documents = Byte;

struct Document {
  Life life{};
  Byte k{};
  Byte tag{};        ///< 0: visible
  Byte published{};  ///< It was visible at some time.
};

struct Counter {
  Byte exists{};
  Byte v{};
  Tags p{};
};

/// Somebody's work on tags that were read from `p`.
struct Helping {
  Tags tags{};            ///< Still to be helped.
  Byte listed{};          ///< Whether the documents of the first were looked up.
  Documents documents{};  ///< Of these, the ones still to be published.
};

struct Producer {
  PostStep step{};
  Byte post{};  ///< Its number among all posts.
  Byte attempt{};
  Byte tag{};
  Byte v{};           ///< As read.
  Byte remembered{};  ///< A former `v`, when everything committed was visible. 0: none.
  Byte base{};        ///< The marker of the post's first document.
  Documents todo{};   ///< Still to be written, or to be published, in this step.
  Documents known{};  ///< Written at some attempt.
  Helping helping{};
};

struct Reader {
  ReadStep step{};
  Byte v{};
  Byte marker{};    ///< As returned with the last message.
  Byte position{};  ///< Of the scan: entries of the index up to it have been passed.
  Documents returned{};
  Helping helping{};
};

/// A commit whose answer was lost and which may still succeed; none if the tag is 0.
struct LateCommit {
  Byte v{};  ///< As named by its condition.
  Byte next{};
  Byte tag{};
};

struct Removal {
  RemovalStep step{};
  Byte v{};
};

struct PostingState {
  Counter counter{};
  std::array<Document, kDocuments> documents{};
  std::array<Producer, kProducers> producers{};
  Reader observer{};
  Reader sweeper{};
  LateCommit late{};
  Removal removal{};
  Byte crashes_left{};
  Byte unknown_left{};
  Byte unknown{};                    ///< Posts with a commit whose answer was lost.
  Byte acknowledged{};               ///< Posts.
  Byte alone{};                      ///< Posts that were sent when no other producer was at work.
  std::array<Byte, kPosts> floor{};  ///< The largest marker acknowledged when the post was sent.
  Property broken{};
};

/// Which documents belong to which post and producer.
struct Layout {
  struct Post {
    int producer;
    int first;
    int size;

    [[nodiscard]] Documents documents() const {
      return static_cast<Documents>(((1U << size) - 1) << first);
    }
  };

  std::vector<Post> posts;
  std::vector<int> post_of;  ///< By document.

  explicit Layout(const std::vector<std::vector<int>>& sizes);
};

}  // namespace marconi::mongodb::model
