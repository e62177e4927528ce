// How many members a plain struct has, for checks that a table of its members names all of them.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace moerge {
namespace field_count {

struct Anything {
  template <class T>
  operator T() const;  // NOLINT: never called
};

template <class T, std::size_t... I>
constexpr bool TakesEach(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), Anything{})...}; };
}

}  // namespace field_count

// REQUIRES: T is an aggregate without bases, arrays or references, of at most 200 members.
template <class T, std::size_t kFrom = 200>
consteval std::size_t FieldCount() {
  static_assert(std::is_aggregate_v<T>);
  if constexpr (kFrom == 0) {
    return 0;
  } else if constexpr (field_count::TakesEach<T>(std::make_index_sequence<kFrom>())) {
    return kFrom;
  } else {
    return FieldCount<T, kFrom - 1>();
  }
}

}  // namespace moerge
