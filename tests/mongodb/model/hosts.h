// What the hosts do: posters, readers, the sweeper, and whoever removes the queue. Each function
// takes one step, with one access to the database at most.
#pragma once

#include "mongodb/model/queue_documents.h"

namespace marconi::mongodb::model {

/// The steps of a state's hosts. They return the document they were about, or kNoDocument.
class Hosts {
 public:
  static constexpr Byte kNoDocument = 0xFF;

  Hosts(const Scenario& scenario, const Layout& layout, PostingState& state)
      : scenario_(scenario), layout_(layout), state_(state), database_(scenario, layout, state) {}

  /// The producer's next step; it has one.
  Byte produce(int producer);

  /// The producer, about to commit, sends it and learns nothing.
  void lose_commit_answer(int producer);

  /// The commit that nobody waits for any more reaches the database.
  void commit_late();

  void crash(int producer);

  /// A reader's next step: it starts over at the end of a page.
  Byte read(Reader& reader);
  /// A page of one message, read without regard to anything else.
  Byte read_plainly(Reader& reader);
  /// The page is full with the message just returned.
  static void end_page(Reader& reader);

  Byte sweep();
  Byte remove_queue();

 private:
  [[nodiscard]] bool keeps(Protection protection) const { return database_.keeps(protection); }

  /// Counts an attempt; false if there are enough.
  bool count_attempt(Producer& producer);
  void note_sending(int post);
  void recall(Producer& producer);
  void begin_attempt(Producer& producer);
  void choose_base(Producer& producer);
  Byte write_next(Producer& producer);
  void all_written(Producer& producer);
  void commit(Producer& producer);
  Byte publish_next(Producer& producer);
  void begin_transaction(Producer& producer);
  void commit_transaction(Producer& producer);
  void acknowledge(int post);
  /// `remembered`: what is known of the counter, or 0.
  void next_post(Producer& producer, Byte remembered);
  void try_again(Producer& producer);
  [[nodiscard]] bool has_transactions(const Producer& producer) const;
  void give_up(Producer& producer);

  [[nodiscard]] Helping helping_of_counter() const;
  Byte help(Helping& helping);
  Byte scan(Reader& reader);
  void count_letter(Reader& reader);
  void hand_out(Reader& reader, int document);

  /// Takes the first document, or the last, out of a set.
  static int take(Documents& documents, bool first);

  const Scenario& scenario_;
  const Layout& layout_;
  PostingState& state_;
  QueueDocuments database_;
};

}  // namespace marconi::mongodb::model
