using Microsoft.Extensions.Logging;

namespace RawWs.Host.Tests;

public sealed class SettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-config-");
    private readonly CommandLine _commandLine = new(_ => Task.FromResult(ExitCode.Success));

    private string FilePath => Path.Combine(_folder.FullName, "rawws.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Flags_win_over_variables_and_those_over_the_file()
    {
        Write("""{ "port": 1, "max-rooms": 1, "max-queue-count": 1 }""");

        var options = Parse("--config", FilePath, "--max-rooms", "3").With(("RAWWS_PORT", "2"), ("RAWWS_MAX_ROOMS", "2"));

        Assert.Equal((2, 3, 1), (options.Port, options.Limits.MaxRooms, options.Limits.MaxQueueCount));
    }

    [Fact]
    public void A_variable_may_name_the_file()
    {
        Write("""{ "log-level": "debug" }""");

        Assert.Equal(LogLevel.Debug, Parse().With(("RAWWS_CONFIG", FilePath)).LogLevel);
    }

    [Fact]
    public void A_list_of_the_file_is_an_option_that_is_repeated()
    {
        Write("""{ "host": ["localhost", "::1"] }""");

        Assert.Equal(["localhost", "::1"], Parse("--config", FilePath).With().Hosts);
    }

    [Fact]
    public void A_list_replaces_the_one_that_it_wins_over()
    {
        Write("""{ "host": ["localhost", "::1"] }""");

        Assert.Equal(["192.0.2.1", "192.0.2.2"], Parse("--config", FilePath).With(("RAWWS_HOST", "192.0.2.1, 192.0.2.2")).Hosts);
        Assert.Equal(["192.0.2.3"], Parse("--config", FilePath, "--host", "192.0.2.3").With(("RAWWS_HOST", "192.0.2.1, 192.0.2.2")).Hosts);
    }

    [Fact]
    public void A_value_that_looks_like_an_option_or_is_blank_is_a_value()
    {
        Write("""{ "unix": "--port", "host": "localhost" }""");

        Assert.Equal(Path.GetFullPath("--port"), Parse("--config", FilePath).With().UnixSocket?.ToString());
    }

    [Fact]
    public void Comments_a_last_comma_and_capitals_are_taken()
    {
        Write("{ // why\n \"Port\": 7, }");

        Assert.Equal(7, Parse("--config", FilePath).With().Port);
    }

    [Fact]
    public void An_empty_variable_is_not_set() => Assert.Equal(HostOptions.DefaultPort, Parse().With(("RAWWS_PORT", "")).Port);

    [Fact]
    public void Every_option_has_a_key_and_a_variable_of_its_own()
    {
        Assert.Equal(_commandLine.Options.Count, _commandLine.Options.Select(option => option.Key).Distinct().Count());
        foreach (var option in _commandLine.Options)
        {
            Assert.Matches("^[a-z]+(-[a-z]+)*$", option.Key);
            Assert.Matches("^RAWWS(_[A-Z]+)+$", option.Variable);
        }
    }

    [Theory]
    [InlineData("""{ "port": "http" }""", "--port takes a number from 0 (any free port) to 65535; 'http' is none. --port is set by 'port' in FILE.")]
    [InlineData("""{ "port": [1, 2] }""", "Option '--port' expects a single argument but 2 were provided. --port is set by 'port' in FILE.")]
    [InlineData("""{ "port": "" }""", "Required argument missing for option: '--port'. --port is set by 'port' in FILE.")]
    [InlineData("""{ "port": null }""", "Required argument missing for option: '--port'. --port is set by 'port' in FILE.")]
    [InlineData("""{ "host": [] }""", "Required argument missing for option: '--host'. --host is set by 'host' in FILE.")]
    [InlineData("""{ "host": ["::1", ""] }""", "--host has 2 values, of which one is empty; leave that out. It is set by 'host' in FILE.")]
    [InlineData("""{ "prot": 1 }""", "FILE has a key 'prot', which is no option; the nearest is 'port'.")]
    [InlineData("""{ "config": "x" }""", "FILE has a key 'config', which is no option; the nearest is 'unix'.")]
    [InlineData("""{ "port": { "number": 1 } }""", "--port takes a value or a list of values, and no object: every key is the name of an option. It is set by 'port' in FILE.")]
    [InlineData("""{ "host": [["::1"]] }""", "--host takes a value or a list of values, and no object: every key is the name of an option. It is set by 'host' in FILE.")]
    [InlineData("""{ "drain-time": 3, "drain-window": 4 }""", "--drain-window is 4 s, longer than the 3 s of --drain-time; make it shorter, or the time longer. --drain-time is set by 'drain-time' in FILE. --drain-window is set by 'drain-window' in FILE.")]
    [InlineData("{\n \"port\": 1,\n \"host\" }", "FILE is not well-formed JSON: line 3: '}' is invalid after a property name. Expected a ':'.")]
    [InlineData("""{ "port": 1, "port": 2 }""", "FILE can't be used: A duplicate key 'port' was found.")]
    [InlineData("[]", "FILE can't be used: Top-level JSON element must be an object. Instead, 'Array' was found.")]
    public void What_is_wrong_in_the_file_is_told_with_its_place(string content, string expected)
    {
        Write(content);

        Assert.Equal(expected.Replace("FILE", FilePath, StringComparison.Ordinal), Refusal("--config", FilePath).With());
    }

    [Fact]
    public void A_file_that_is_not_there_is_told()
        => Assert.StartsWith("--config takes a file that can be read; Could not find file", Refusal("--config", FilePath).With(), StringComparison.Ordinal);

    [Fact]
    public void An_empty_name_of_a_file_is_told() => Assert.Equal("--config takes the path of a file; '' is none.", Refusal("--config", "").With());

    [Theory]
    [InlineData("RAWWS_PORT", "http", "--port takes a number from 0 (any free port) to 65535; 'http' is none. --port is set by RAWWS_PORT.")]
    [InlineData("RAWWS_PORT", "1,2", "--port takes a number from 0 (any free port) to 65535; '1,2' is none. --port is set by RAWWS_PORT.")]
    [InlineData("RAWWS_HOST", "127.0.0.1, ,::1", "--host has 3 values, of which one is empty; leave that out. It is set by RAWWS_HOST.")]
    [InlineData("RAWWS_TRUST_PROXY", "loopback,", "--trust-proxy has 2 values, of which one is empty; leave that out. It is set by RAWWS_TRUST_PROXY.")]
    [InlineData("RAWWS_STATIC", "/is/not/there", "--static takes a folder that exists; '/is/not/there' is none. --static is set by RAWWS_STATIC.")]
    public void What_is_wrong_in_a_variable_is_told_with_its_name(string name, string value, string expected)
        => Assert.Equal(expected, Refusal().With((name, value)));

    [Fact]
    public void A_variable_that_sets_nothing_is_a_warning_and_nothing_more()
    {
        var options = Parse().With(("RAWWS_PROT", "1"), ("RAWWSX", "2"), ("PATH", "3"), ("RAWWS_UPDATE_PUBLIC_API", "1"));

        Assert.Equal(2, options.Warnings.Count);
        Assert.Equal("The variable RAWWS_PROT sets nothing; the nearest that does is RAWWS_PORT.", options.Warnings[0]);
    }

    [Fact]
    public void Help_and_other_commands_do_not_look_at_settings()
    {
        foreach (var args in (string[][])[["--help"], ["--version"], ["dev-cert", "--out", "x"]])
            Assert.Empty(_commandLine.Parse(args, new Dictionary<string, string> { ["RAWWS_PORT"] = "http", ["RAWWS_CONFIG"] = FilePath }).Errors);
    }

    private void Write(string content) => File.WriteAllText(FilePath, content);

    private ParsingOf<HostOptions> Parse(params string[] args) => new(environment => _commandLine.OptionsOf(_commandLine.Parse(args, environment)));

    private ParsingOf<string> Refusal(params string[] args) => new(environment => Assert.Throws<WrongUsageException>(() => _commandLine.Parse(args, environment)).Message);

    /// <summary>Arguments that are parsed together with variables.</summary>
    private sealed class ParsingOf<T>(Func<Dictionary<string, string>, T> parse)
    {
        public T With(params (string Name, string Value)[] variables) => parse(variables.ToDictionary(variable => variable.Name, variable => variable.Value));
    }
}
