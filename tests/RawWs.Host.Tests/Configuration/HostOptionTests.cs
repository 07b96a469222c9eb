using System.Collections;

namespace RawWs.Host.Tests;

public class HostOptionTests
{
    private readonly CommandLine _commandLine = new(_ => Task.FromResult(ExitCode.Success));

    [Fact]
    public void What_is_said_to_be_the_default_stands_in_the_description()
    {
        foreach (var option in _commandLine.Options)
        {
            if (option is IDefaulting { Default: { } text })
                Assert.Contains(text, option.Description, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_said_to_be_the_default_changes_nothing()
    {
        var usual = WhatApplies();
        var words = new List<string>();
        foreach (var option in _commandLine.Options)
        {
            if (option is not IDefaulting { Default: { } text })
                continue;

            if (_commandLine.Parse([option.Name, text]).Errors.Count > 0)
                words.Add(text);
            else
                Assert.Equal((option.Name, usual), (option.Name, WhatApplies(option.Name, text)));
        }

        // All others are values, and can be said by themselves.
        Assert.Equal(["100 in a chat", "a quarter of the memory, at least 256 MiB, never more than half", "any number", "either", "none", "off"], words.Distinct().Order(StringComparer.Ordinal));
    }

    private string WhatApplies(params string[] args)
    {
        var options = _commandLine.OptionsOf(_commandLine.Parse(args));
        var server = new WebSocketServerOptions();
        options.Limits.ApplyTo(server);
        return string.Join('\n', PropertiesOf(options with { Limits = new(), Transport = options.Transport ?? TransportKind.EventLoop }).Concat(PropertiesOf(server)));
    }

    private static IEnumerable<string> PropertiesOf(object thing) => thing.GetType().GetProperties().Select(property => $"{property.Name}: {TextOf(property.GetValue(thing))}");

    private static string? TextOf(object? value) => value is IEnumerable list and not string ? string.Join(", ", list.Cast<object>()) : value?.ToString();
}
