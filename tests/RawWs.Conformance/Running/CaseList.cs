using System.Collections;

namespace RawWs.Conformance;

/// <summary>The cases of one group, in the order in which they are run and reported.</summary>
internal sealed class CaseList(string group) : IEnumerable<ConformanceCase>
{
    private readonly List<ConformanceCase> _cases = [];

    public void Add(
        string name, string title, Clause clause, string expectation, Func<CaseContext, Task> body, CaseTraits traits = CaseTraits.None) =>
        _cases.Add(new ConformanceCase(group, name, title, clause, expectation, body, traits));

    public IEnumerator<ConformanceCase> GetEnumerator() => _cases.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
