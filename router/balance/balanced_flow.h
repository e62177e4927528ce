// The cheapest way to spread requests over experts under capacities: a minimum-cost flow that grows
// by one seat at a time along the cheapest path. A path is short, for its nodes are experts: a
// request goes to one, which sends one of its own on to another, until one has room. Which of its
// requests it sends is the one that loses least by it, kept in a heap for each pair of experts.
//
// Sources: successive shortest paths, e.g. Ahuja, Magnanti and Orlin, Network Flows, 9.7.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "router/balance/assignment.h"

namespace moerge {

class BalancedFlow {
 public:
  // `requests` outlive it.
  BalancedFlow(std::span<const AssignableRequest> requests, const Capacities& capacities);

  // Gives the request its seats, whatever that moves. Each once; of equally cheap ways the one is
  // taken that those added earlier leave.
  void Add(std::size_t request);
  // Who has the request; fewer than its seats where there was no room for more.
  std::vector<ScoredExpert> Taken(std::size_t request) const;

 private:
  using Node = std::uint32_t;
  using Cost = std::int64_t;  // millionths of a score point, less is better
  // A request that may be sent from one expert to another, and what that costs.
  struct Move {
    Cost cost;
    std::uint32_t added;  // its place among those added: decides between equals
    std::uint32_t request;
  };
  static bool IsLater(const Move& a, const Move& b) {
    return a.cost != b.cost ? a.cost > b.cost : a.added > b.added;
  }
  // How the cheapest path comes to a node.
  struct Step {
    Cost cost;
    Node from;
    std::uint32_t request;  // that moves
  };

  // Two more nodes: a place for what no expert has room for, which costs more than any way to avoid
  // it, and the places that experts have beyond their capacity.
  std::size_t nodes() const { return experts_ + 2; }
  Node nowhere() const { return static_cast<Node>(experts_); }
  Node spare() const { return static_cast<Node>(experts_ + 1); }
  Cost& CostAt(std::size_t request, Node node) { return costs_[request * (experts_ + 1) + node]; }
  bool IsAt(std::size_t request, Node node) const;
  bool HasRoom(Node node) const;
  // Null: none may go.
  const Move* Cheapest(Node from, Node to);
  void Offer(std::size_t request, Node from, Node to);
  void FindPaths(std::size_t request);
  bool Relax(Node from, Node to);
  bool Reach(Node to, const Step& step);
  Node CheapestEnd() const;
  void Follow(Node end);
  void Arrive(std::size_t request, Node node);
  void Leave(std::size_t request, Node node);

  const std::span<const AssignableRequest> requests_;
  const std::size_t experts_;
  const Capacities capacities_;
  std::vector<Cost> costs_;               // by request, then by node
  std::vector<std::vector<Node>> at_;     // by request
  std::vector<std::uint32_t> added_;      // by request
  std::uint32_t count_ = 0;               // of those added
  std::vector<std::vector<Move>> moves_;  // heaps by node and node; some are no longer true
  std::vector<std::size_t> load_;         // by node
  std::vector<bool> uses_spare_;          // by expert
  std::size_t spare_used_ = 0;
  std::vector<Step> steps_;  // by node
};

}  // namespace moerge
