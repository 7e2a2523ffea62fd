// Sphinx looks words up in plain objects, where "constructor" and "__proto__" are found in every index.
{
  const bare = Object.assign(Object.create(null), { hasOwnProperty: Object.prototype.hasOwnProperty });
  const setIndex = Search.setIndex;
  Search.setIndex = (index) => {
    for (const words of [index.terms, index.titleterms]) Object.setPrototypeOf(words, bare);
    setIndex(index);
  };
}
