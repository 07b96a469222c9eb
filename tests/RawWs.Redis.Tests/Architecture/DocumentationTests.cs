using System.Reflection;
using System.Text.RegularExpressions;
using RawWs.Redis.Tests.Rooms;
using RawWs.Redis.Tests.SocketIO;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Architecture;

/// <summary>What docs/scale-out.md says of faults is what the tests show.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_fault_that_is_described_is_a_test_and_every_test_is_described()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "scale-out.md"));
        var described = TestName().Matches(text).Select(match => match.Groups[1].Value).Distinct();
        Type[] faults = [typeof(FaultTests), typeof(ClusterFaultTests), typeof(StreamsRecoveryTests)];
        var tests = faults.SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttributes<FactAttribute>().Any()).Select(method => method.Name);

        Assert.Equal(tests.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("`([A-Z][a-zA-Z]*(?:_[a-zA-Z]+){3,})`")]
    private static partial Regex TestName();
}
