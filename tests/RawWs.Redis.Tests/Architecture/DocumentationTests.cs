using System.Reflection;
using System.Text.RegularExpressions;
using RawWs.Redis.Tests.Client;
using RawWs.Redis.Tests.Rooms;
using RawWs.Redis.Tests.SocketIO;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Architecture;

/// <summary>What docs/scale-out.md says of faults is what the tests show, and its client of another kind is one that compiles.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_fault_that_is_described_is_a_test_and_every_test_is_described()
    {
        var described = TestName().Matches(Page()).Select(match => match.Groups[1].Value).Distinct();
        Type[] faults =
        [
            typeof(FaultTests), typeof(AdapterFaultTests), typeof(AdapterBurstTests), typeof(HalfSurrogateTests), typeof(ClusterFaultTests), typeof(StreamsRecoveryTests),
            typeof(RedisClusterFaultTests), typeof(RoomsOverClusterTests), typeof(AdapterClusterFaultTests),
            typeof(PipelineTests), typeof(LeavingMasterTests), typeof(ShardPublisherTests),
            typeof(FailoverTests), typeof(PresenceFailoverTests), typeof(AdapterFailoverTests), typeof(RecoveryFailoverTests),
        ];
        var tests = faults.SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttributes<FactAttribute>().Any()).Select(method => method.Name);

        Assert.Equal(tests.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_client_over_another_package_is_compiled_as_it_is_shown()
    {
        var file = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "RawWs.Redis.Tests", "OtherClients", "MultiplexerClient.cs"));

        Assert.Contains(file[file.IndexOf("internal sealed class MultiplexerClient", StringComparison.Ordinal)..], Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_other_piece_of_code_is_in_a_sample()
    {
        var sample = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "samples", "SeveralNodes", "Program.cs")).ReplaceLineEndings("\n");
        var pieces = CSharp().Matches(Page().ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value).Where(piece => !piece.Contains("class MultiplexerClient", StringComparison.Ordinal));

        Assert.All(pieces, piece => Assert.Contains(piece, sample, StringComparison.Ordinal));
    }

    private static string Page() => File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "scale-out.md"));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex("`([A-Z][a-zA-Z]*(?:_[a-zA-Z]+){3,})`")]
    private static partial Regex TestName();
}
