namespace RawWs.Conformance;

/// <summary>All cases, group by group.</summary>
internal static class CaseCatalog
{
    public static IEnumerable<ConformanceCase> All(ConformanceOptions options) =>
        options is null ? [] :
    [
        .. FramingCases.Create(),
    ];
}
